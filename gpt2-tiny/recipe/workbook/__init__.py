"""A workbook: tasks of some 180 kinds with their answers, written by rule, for pretraining."""
