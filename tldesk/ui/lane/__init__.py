"""Background work: the compute lane, the reading pool, preparing pictures. Threads are created only here."""
