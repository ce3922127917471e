"""How one phase is trained: gradient steps, a regularisation path, or nearest neighbours."""
