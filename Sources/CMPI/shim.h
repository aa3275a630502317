#pragma once
#include <mpi.h>

// Swift does not import MPI's handles, which are macros with casts. Each getter has the C name.
#define CMPI_CONSTANT(type, name)                                                            \
  static inline __attribute__((always_inline, swift_name("getter:" #name "()"))) type        \
  cmpi_get_##name(void) { return name; }

CMPI_CONSTANT(MPI_Comm _Nonnull, MPI_COMM_WORLD)
CMPI_CONSTANT(MPI_Datatype _Nonnull, MPI_BYTE)
CMPI_CONSTANT(MPI_Datatype _Nonnull, MPI_FLOAT)
CMPI_CONSTANT(MPI_Op _Nonnull, MPI_SUM)
CMPI_CONSTANT(void *_Nonnull, MPI_IN_PLACE)
CMPI_CONSTANT(MPI_Errhandler _Nonnull, MPI_ERRORS_RETURN)
CMPI_CONSTANT(MPI_Status *_Nullable, MPI_STATUS_IGNORE)
CMPI_CONSTANT(MPI_Status *_Nullable, MPI_STATUSES_IGNORE)

#undef CMPI_CONSTANT
