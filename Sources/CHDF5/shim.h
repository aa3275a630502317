#pragma once
#include <hdf5.h>

// Swift does not import these macros, whose globals are set by H5open. Each getter has the C name.
#define CHDF5_CONSTANT(type, name)                                                     \
  static inline __attribute__((always_inline, swift_name("getter:" #name "()")))       \
  type chdf5_get_##name(void) { return name; }

CHDF5_CONSTANT(hid_t, H5T_IEEE_F32BE)
CHDF5_CONSTANT(hid_t, H5T_IEEE_F32LE)
CHDF5_CONSTANT(hid_t, H5T_IEEE_F64BE)
CHDF5_CONSTANT(hid_t, H5T_IEEE_F64LE)
CHDF5_CONSTANT(hid_t, H5T_STD_I32BE)
CHDF5_CONSTANT(hid_t, H5T_STD_I32LE)
CHDF5_CONSTANT(hid_t, H5T_STD_I64BE)
CHDF5_CONSTANT(hid_t, H5T_STD_I64LE)
CHDF5_CONSTANT(hid_t, H5T_STD_U8BE)
CHDF5_CONSTANT(hid_t, H5T_STD_U8LE)
CHDF5_CONSTANT(hid_t, H5T_STD_U16BE)
CHDF5_CONSTANT(hid_t, H5T_STD_U16LE)
CHDF5_CONSTANT(hid_t, H5T_C_S1)
CHDF5_CONSTANT(hid_t, H5T_NATIVE_DOUBLE)
CHDF5_CONSTANT(hid_t, H5T_NATIVE_FLOAT)
CHDF5_CONSTANT(hid_t, H5T_NATIVE_INT32)
CHDF5_CONSTANT(hid_t, H5T_NATIVE_INT64)
CHDF5_CONSTANT(hid_t, H5T_NATIVE_UINT8)
CHDF5_CONSTANT(hid_t, H5T_NATIVE_UINT16)
CHDF5_CONSTANT(hid_t, H5P_DATASET_CREATE)
CHDF5_CONSTANT(hid_t, H5P_FILE_ACCESS)
CHDF5_CONSTANT(hid_t, H5P_FILE_CREATE)
CHDF5_CONSTANT(hid_t, H5P_GROUP_CREATE)
CHDF5_CONSTANT(unsigned, H5F_ACC_EXCL)
CHDF5_CONSTANT(unsigned, H5F_ACC_RDONLY)

/// Whether an entry of the error stack reports that an allocation failed.
static inline int chdf5_is_of_memory(const H5E_error2_t *_Nonnull entry) {
  return entry->maj_num == H5E_RESOURCE &&
         (entry->min_num == H5E_NOSPACE || entry->min_num == H5E_CANTALLOC);
}

/// Returns the type of a link, or -1. The corresponding HDF5 function is `H5Lget_info`, which is a
/// versioned macro from 1.12 on.
static inline int chdf5_link_type(hid_t group, const char *_Nonnull name) {
  H5L_info_t info;
  return H5Lget_info(group, name, &info, H5P_DEFAULT) < 0 ? -1 : (int)info.type;
}

/// The callback of `chdf5_visit_links`; `is_hard` is 0 for soft and external links.
typedef void (*chdf5_link_body)(const char *_Nonnull name, int is_hard, void *_Nonnull context);

struct chdf5_link_visit { chdf5_link_body _Nonnull body; void *_Nonnull context; };

static inline herr_t chdf5_visit_link(
    hid_t group, const char *_Nonnull name, const H5L_info_t *_Nonnull info, void *_Nonnull data) {
  (void)group;
  struct chdf5_link_visit *visit = (struct chdf5_link_visit *)data;
  visit->body(name, info->type == H5L_TYPE_HARD, visit->context);
  return 0;
}

/// Calls a function for each link of a group, sorted by name; returns a negative value on failure.
/// The corresponding HDF5 function is `H5Literate`, which is a versioned macro from 1.12 on.
static inline herr_t chdf5_visit_links(
    hid_t group, chdf5_link_body _Nonnull body, void *_Nonnull context) {
  struct chdf5_link_visit visit = {body, context};
  hsize_t place = 0;
  return H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &place, chdf5_visit_link, &visit);
}
