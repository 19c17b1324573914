"""Language models behind one port: LiteLLM for all providers, a meter in front of each, a record of formats."""
