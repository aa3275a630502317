#pragma once
// The OpenMP runtime that oneDNN is linked against; only the number of threads is set.
extern void omp_set_num_threads(int count);
extern int omp_get_max_threads(void);
