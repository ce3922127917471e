"""Speed, measured as a ratio against another program doing the same work in the same run.

``rows`` define the comparisons; ``ours`` and ``peers`` contain the programs, each of which runs alone.
"""
