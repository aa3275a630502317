#pragma once
#include <oneapi/dnnl/dnnl.h>
// The runtime that oneDNN is linked against. Only its thread count is of interest.
extern void omp_set_num_threads(int count);
