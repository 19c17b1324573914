"""A language model as a proposer: what it is told, what is made of its reply, what it hears of a refusal."""
