"""How to train one phase (gradient steps, solved logistic regression, nearest neighbours)."""
