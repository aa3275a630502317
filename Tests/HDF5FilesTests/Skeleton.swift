// Skeleton: replaced by the module's first tests.
