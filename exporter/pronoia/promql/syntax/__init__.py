"""Reading PromQL text: tokens, the grammar, and where malformed text goes wrong."""
