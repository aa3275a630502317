#pragma once
// The runtime that oneDNN is linked against. Only its thread count is of interest.
extern void omp_set_num_threads(int count);
extern int omp_get_max_threads(void);
