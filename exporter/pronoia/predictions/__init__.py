"""Result nouns: frozen, no behaviour beyond their invariants."""
