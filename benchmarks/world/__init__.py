"""A synthetic world of models and prompts whose true quality is known, to compare strategies in.

Cases are the items of an item-response model, a prompt's quality is made of features that the
task model reads off the messages, and a proposer answers the meta-prompts. Searches run as they
always do: study, evaluator, meter and strategies are the real ones.
"""
