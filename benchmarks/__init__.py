"""Speed, measured as a ratio against another program doing the same work in the same run.

``rows`` say what is compared, ``ours`` and ``peers`` are the programs that are started for it, each alone.
"""
