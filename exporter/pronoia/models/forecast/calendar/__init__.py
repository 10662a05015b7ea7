"""The calendar: local clock, holidays and known events, as a layer around all members, which need not know of it.

Before the members see a history it is brought onto the local clock, and what holidays and events did is taken out;
their curve is brought back to UTC, and what holidays will do is put in. Events are added when forecasts are made, so
that one that has just begun counts at once. Nothing happens, and nothing is paid, where nothing is set.
"""
