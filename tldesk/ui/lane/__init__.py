"""Background work: the compute lane, the reading pool, preparing pictures. The only maker of threads."""
