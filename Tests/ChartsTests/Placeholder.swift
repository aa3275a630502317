// The first test of the module.
