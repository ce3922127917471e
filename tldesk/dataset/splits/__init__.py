"""Splits: the rule, stratified partition, balance, locked test set, cross-validation folds."""
