"""The Evaluate page: metrics with intervals, confusion matrix, per-class table, reliability diagram."""
