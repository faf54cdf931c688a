"""SAMMO's operators (Schnabel and Neville 2024, table 1): ways to make a child of a candidate.

A new one is a module, a row of `landrace.optimizers.operators.table`, and a test.
"""
