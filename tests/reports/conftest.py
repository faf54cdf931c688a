"""The helpers beside this file are within reach of the folders below it, too."""
