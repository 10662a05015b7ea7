"""From series on a grid to what classifiers learn from; pure, vectorised over systems, without a look ahead."""
