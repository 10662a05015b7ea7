"""Functions of instant vectors and scalars: arithmetic, calendar, labels, histograms, absence."""
