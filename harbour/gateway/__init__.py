"""The only process with a public port: it stores a message first, then asks the assistant, then delivers."""
