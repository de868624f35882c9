/* The border between Counterpoise and a metric pack, version 1.1. C11 or C++17, no other header than stdint.h and stddef.h.
 *
 * A pack is a shared library that exports one object, `cp_pack_v1`, and carries its manifest (JSON) in the section
 * `.cp_manifest`, where it is read before any code of the pack runs.
 *
 * Lifetimes. `cp_host` lives as long as the process. Everything reachable from a `cp_call` lives until `evaluate` returns. The
 * descriptor and the manifest are constants of the pack. Nobody frees what it did not allocate; nothing changes owner.
 * Threads. `evaluate` may run on any thread, on several at once, also for the same metric. A pack starts no thread, keeps no
 * pointer and no mutable state.
 * Purity. The same call gives the same bytes. No input or output, clock, randomness, locale, environment, signals, exit, fork.
 * Unwinding. Nothing unwinds out of a pack: C++ packs catch everything.
 * Growth. Structs with `struct_size` grow at the end: read a field only where `struct_size` covers it. The others are frozen.
 * Pointers in structs that a call hands over are 8 bytes wide on every target, so that one layout serves all.
 *
 * Numbers. Columns are decimals (CP_D128) unless the manifest says otherwise, of an input with "type" and of a metric's values with
 * "output": { "type": ... }: "integer" is CP_I64, for counts, and "float" is CP_F64, the double nearest to each value, for all but money.
 * Values that come back as doubles become the decimals that they are printed as, rounded half to even to 12 places; one that is
 * no number, or infinite, fails the batch with its row (F_NOT_FINITE). A pack whose manifest has such types needs 1.1 and says so:
 *
 *   #define CP_PACK_MINOR 1
 *   #include "counterpoise_pack.h"
 *
 *   CP_MANIFEST(CP_JSON({ ... "formula": "won / closed", "output": { "type": "float" }, "inputs": [
 *     { "name": "won", "type": "float", "measure": { ... } }, { "name": "closed", "type": "float", "measure": { ... } }] ... }));
 *
 *   static int32_t evaluate(const cp_call *call, cp_err *err) {
 *     const cp_col *won = &call->inputs[0], *closed = &call->inputs[1];
 *     for (uint64_t row = 0; row < call->n_rows; row++) {
 *       double by = ((const double *)closed->data)[row];   // 0 where there is no value
 *       if (by == 0 || (won->validity && !(won->validity[row / 8] >> row % 8 & 1))) continue;
 *       ((double *)call->out->data)[row] = ((const double *)won->data)[row] / by;
 *       call->out->validity[row / 8] |= (uint8_t)(1 << row % 8);
 *     }
 *     return CP_OK;
 *   }
 */
#ifndef COUNTERPOISE_PACK_H
#define COUNTERPOISE_PACK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define CP_STATIC_ASSERT(condition, text) static_assert(condition, text)
#else
#define CP_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#endif

#define CP_ABI_MAJOR 1u
#define CP_ABI_MINOR 1u
/* The least minor version that the pack needs of a host: 0, or 1 where its manifest has types. Define it before this file is included. */
#ifndef CP_PACK_MINOR
#define CP_PACK_MINOR 0u
#endif
#define CP_PACK_MAGIC 0x314B434150495043ull /* "CPIPACK1" in memory */
#define CP_PTR(T, name) union { T *name; uint64_t name##_bits; }

/* Types of a column or a value. Columns are CP_D128 in version 1.0; since 1.1 also CP_I64 and CP_F64, where the manifest says so. */
enum { CP_I64 = 1, CP_F64 = 2, CP_D128 = 3, CP_STR = 4 /* parameters only */ };

/* What `evaluate` and `init` return. Anything but CP_OK discards the whole batch of the metric. */
enum {
  CP_OK = 0,
  CP_E_INPUT = 1,
  CP_E_COMPUTE = 2,
  CP_E_OVERFLOW = 3,
  CP_E_CANCELLED = 4,
  CP_E_UNSUPPORTED = 5,
  CP_E_INTERNAL = 6,
  CP_E_PANIC = 7
};

/* How the pack was built. CP_BUILD_NO_UNWIND_OUT is required: the pack promises that nothing unwinds out of it. */
#define CP_BUILD_NO_UNWIND_OUT 1ull
#define CP_BUILD_RUST 2ull
#define CP_BUILD_DEBUG 4ull

/* What a value of the output holds until it is written, so that it is no value: the smallest CP_I64, and the bits of a CP_F64 that is
 * no number. The same is the smallest 128-bit mantissa of a CP_D128. No input holds them. */
#define CP_POISON_I64 INT64_MIN
#define CP_POISON_F64 0x7FF843504F49534Eull

/* A decimal: value = (hi * 2^64 + lo) * 10^-scale, |mantissa| < 10^38. The smallest 128-bit integer is reserved as poison. */
typedef struct cp_d128 {
  uint64_t lo;
  int64_t hi;
} cp_d128;

/* An input column. Frozen, 64 bytes, read-only, owned by the host. */
typedef struct cp_col {
  CP_PTR(const void, data);        /* n_rows values, 64-byte aligned and padded; null slots hold 0 */
  CP_PTR(const uint8_t, validity); /* NULL = no nulls; bit i%8 of byte i/8, 1 = valid; 64-byte padded */
  uint64_t null_count;
  uint32_t type;
  int32_t scale; /* 0..38 for CP_D128, else 0 */
  uint64_t reserved[4];
} cp_col;

/* The output column. Frozen, 64 bytes, allocated by the host. */
typedef struct cp_out {
  CP_PTR(void, data);        /* filled with poison; write exactly [0, n_rows) */
  CP_PTR(uint8_t, validity); /* never NULL, all 0 = all null; set bit i after writing row i */
  uint32_t type;
  int32_t scale;
  uint64_t reserved[5];
} cp_out;

/* A parameter, resolved and checked by the host: a whole number as CP_I64, a decimal as CP_D128 at its own scale (0 to 28), and since 1.1
 * a float as CP_F64. Frozen, 32 bytes. */
typedef struct cp_value {
  uint32_t type;
  int32_t scale;
  union {
    int64_t i64;
    double f64;
    cp_d128 d128;
    struct {
      CP_PTR(const char, str);
      uint64_t str_len;
    } text;
  } as;
  uint64_t reserved;
} cp_value;

/* Where a pack explains a failure. Growable, 32 bytes in 1.0, allocated by the host. */
typedef struct cp_err {
  uint32_t struct_size;
  uint32_t cap; /* bytes that fit in msg */
  uint32_t len; /* bytes written, at most cap; UTF-8 */
  uint32_t reserved;
  int64_t row; /* first offending row of this call, or -1 */
  CP_PTR(char, msg);
} cp_err;

/* What the host offers. Growable, lives as long as the process. */
typedef struct cp_host {
  uint32_t struct_size;
  uint32_t abi_minor;
  void *ctx;
  void (*log)(void *ctx, uint32_t level, const char *msg, uint64_t len); /* [any thread] level 1 error .. 5 trace */
  const void *(*get_extension)(void *ctx, const char *id);              /* [any thread] "cp.calendar/1" or NULL */
} cp_host;

/* One chunk of one metric. Growable, 88 bytes in 1.0, valid until `evaluate` returns. */
typedef struct cp_call {
  uint32_t struct_size;
  uint32_t metric; /* index in manifest.metrics */
  uint64_t n_rows; /* >= 1 */
  CP_PTR(const cp_col, inputs);
  CP_PTR(const cp_value, params);
  CP_PTR(cp_out, out);
  uint32_t n_inputs;
  uint32_t n_params;
  CP_PTR(const uint64_t, groups); /* n_groups + 1 row offsets, or NULL */
  uint64_t n_groups;
  uint64_t row_base;                        /* row 0 of this chunk in the whole batch */
  CP_PTR(const volatile uint32_t, cancel);  /* not 0: stop and return CP_E_CANCELLED; NULL: never */
  CP_PTR(const cp_host, host);
} cp_call;

/* What stands before the manifest's JSON in section .cp_manifest. Frozen, 32 bytes. */
typedef struct cp_manifest_hdr {
  uint64_t magic;
  uint32_t abi_major;
  uint32_t abi_minor;
  uint64_t features_required; /* an unknown bit refuses the pack */
  uint64_t json_len;          /* bytes of UTF-8 that follow, without a terminating zero */
} cp_manifest_hdr;

/* The descriptor: the one export of a pack. Growable, 64 bytes in 1.0, constant. */
typedef struct cp_pack {
  uint64_t magic;
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  uint64_t features_required;
  uint64_t build_flags;
  uint32_t n_metrics; /* == length of manifest.metrics */
  uint32_t reserved;
  const cp_manifest_hdr *manifest;            /* the bytes of section .cp_manifest */
  int32_t (*init)(const cp_host *, cp_err *); /* may be NULL; once per load */
  int32_t (*evaluate)(const cp_call *, cp_err *);
} cp_pack;

CP_STATIC_ASSERT(sizeof(cp_d128) == 16, "cp_d128");
CP_STATIC_ASSERT(sizeof(cp_col) == 64, "cp_col");
CP_STATIC_ASSERT(sizeof(cp_out) == 64, "cp_out");
CP_STATIC_ASSERT(sizeof(cp_value) == 32, "cp_value");
CP_STATIC_ASSERT(sizeof(cp_err) == 32, "cp_err");
CP_STATIC_ASSERT(sizeof(cp_call) == 88, "cp_call");
CP_STATIC_ASSERT(sizeof(cp_manifest_hdr) == 32, "cp_manifest_hdr");
CP_STATIC_ASSERT(sizeof(void *) != 8 || sizeof(cp_host) == 32, "cp_host");
CP_STATIC_ASSERT(sizeof(void *) != 8 || sizeof(cp_pack) == 64, "cp_pack");

#if defined(__GNUC__)
#define CP_SECTION __attribute__((section(".cp_manifest"), used, aligned(8)))
#define CP_EXPORT __attribute__((visibility("default")))
#endif

/* CP_MANIFEST("{ ... }") puts the manifest into its section; CP_PACK(evaluate, n_metrics, flags) exports the descriptor.
 * CP_JSON({ ... }) is the text of the JSON between its parentheses, so that it need not be escaped. */
#define CP_JSON(...) #__VA_ARGS__
#define CP_MANIFEST(text)                                                                                    \
  static const struct {                                                                                      \
    cp_manifest_hdr header;                                                                                  \
    char json[sizeof(text)];                                                                                 \
  } cp_manifest_v1 CP_SECTION = {{CP_PACK_MAGIC, CP_ABI_MAJOR, CP_PACK_MINOR, 0, sizeof(text) - 1}, text}

#define CP_PACK(evaluate, n_metrics, flags)                                                                  \
  CP_EXPORT extern const cp_pack cp_pack_v1;                                                                 \
  const cp_pack cp_pack_v1 = {CP_PACK_MAGIC, sizeof(cp_pack), CP_ABI_MAJOR, CP_PACK_MINOR, 0, flags,         \
                              n_metrics, 0, &cp_manifest_v1.header, NULL, evaluate}

#ifdef __cplusplus
}
#endif

#endif
