"""What will break: a trend's way to its limit, and classifiers of what happened before."""
