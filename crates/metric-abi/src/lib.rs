//! The border between the host and a metric pack as Rust types: the mirror of `include/counterpoise_pack.h`, which is the truth.
//!
//! Types and constants only, no behaviour and no dependency. Who owns what, which thread may call what and how the structs
//! grow stands in the header. A pointer that crosses in a call is 8 bytes wide on every target ([`Ptr`]). Sizes and offsets
//! are asserted here when compiling, and compared with a C compiler's in `tests/header.rs`.
#![no_std]

use core::ffi::{c_char, c_void};

pub const ABI_MAJOR: u16 = 1;
pub const ABI_MINOR: u16 = 1;
/// `CPIPACK1` in memory.
pub const PACK_MAGIC: u64 = 0x314B_4341_5049_5043;
/// The one export of a pack.
pub const ENTRY: &str = "cp_pack_v1";
/// The section that holds the manifest.
pub const MANIFEST_SECTION: &str = ".cp_manifest";
/// The value of a decimal slot that nobody has written.
pub const POISON: i128 = i128::MIN;
/// The same of an integer, so that it is no value of one.
pub const POISON_I64: i64 = i64::MIN;
/// The same of a double: the bits of one of the many that are no number.
pub const POISON_F64: u64 = 0x7FF8_4350_4F49_534E;
/// Mantissas stay below this, in either direction.
pub const MANTISSA_LIMIT: i128 = 10i128.pow(38);

/// Types of a column or a value. Columns of integers and doubles are there since 1.1.
pub mod value_type {
    pub const I64: u32 = 1;
    pub const F64: u32 = 2;
    pub const D128: u32 = 3;
    /// Parameters only.
    pub const STR: u32 = 4;
}

/// What `evaluate` and `init` return.
pub mod status {
    pub const OK: i32 = 0;
    pub const E_INPUT: i32 = 1;
    pub const E_COMPUTE: i32 = 2;
    pub const E_OVERFLOW: i32 = 3;
    pub const E_CANCELLED: i32 = 4;
    pub const E_UNSUPPORTED: i32 = 5;
    pub const E_INTERNAL: i32 = 6;
    pub const E_PANIC: i32 = 7;
    /// The names of the failures, as they stand in messages; the first is `E_INPUT`, which is 1.
    pub const NAMES: [&str; 7] = ["E_INPUT", "E_COMPUTE", "E_OVERFLOW", "E_CANCELLED", "E_UNSUPPORTED", "E_INTERNAL", "E_PANIC"];
}

/// How a pack was built.
pub mod build {
    /// The pack promises that nothing unwinds out of it. Required.
    pub const NO_UNWIND_OUT: u64 = 1;
    pub const RUST: u64 = 2;
    pub const DEBUG: u64 = 4;
}

/// A pointer that takes 8 bytes on every target. Zero `bits` before writing a narrower pointer.
#[repr(C)]
pub union Ptr<T> {
    pub ptr: *mut T,
    pub bits: u64,
}

impl<T> Clone for Ptr<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Ptr<T> {}

/// A decimal: two words of a 128-bit mantissa, because the alignment of `i128` differs between compilers.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct D128 {
    pub lo: u64,
    pub hi: i64,
}

impl D128 {
    pub const fn new(mantissa: i128) -> D128 {
        D128 { lo: mantissa as u64, hi: (mantissa >> 64) as i64 }
    }

    pub const fn mantissa(self) -> i128 {
        ((self.hi as i128) << 64) | self.lo as i128
    }
}

/// An input column. Frozen.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Col {
    pub data: Ptr<c_void>,
    pub validity: Ptr<u8>,
    pub null_count: u64,
    pub value_type: u32,
    pub scale: i32,
    pub reserved: [u64; 4],
}

/// The output column. Frozen.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Out {
    pub data: Ptr<c_void>,
    pub validity: Ptr<u8>,
    pub value_type: u32,
    pub scale: i32,
    pub reserved: [u64; 5],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Text {
    pub str: Ptr<c_char>,
    pub str_len: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub union Any {
    pub i64: i64,
    pub f64: f64,
    pub d128: D128,
    pub text: Text,
}

/// A parameter. Frozen.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Value {
    pub value_type: u32,
    pub scale: i32,
    pub any: Any,
    pub reserved: u64,
}

/// Where a pack explains a failure. Growable.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ErrorText {
    pub struct_size: u32,
    pub cap: u32,
    pub len: u32,
    pub reserved: u32,
    pub row: i64,
    pub msg: Ptr<c_char>,
}

/// What the host offers. Growable.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Host {
    pub struct_size: u32,
    pub abi_minor: u32,
    pub ctx: *mut c_void,
    pub log: Option<unsafe extern "C" fn(*mut c_void, u32, *const c_char, u64)>,
    pub get_extension: Option<unsafe extern "C" fn(*mut c_void, *const c_char) -> *const c_void>,
}

/// One chunk of one metric. Growable.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Call {
    pub struct_size: u32,
    pub metric: u32,
    pub n_rows: u64,
    pub inputs: Ptr<Col>,
    pub params: Ptr<Value>,
    pub out: Ptr<Out>,
    pub n_inputs: u32,
    pub n_params: u32,
    pub groups: Ptr<u64>,
    pub n_groups: u64,
    pub row_base: u64,
    pub cancel: Ptr<u32>,
    pub host: Ptr<Host>,
}

/// What stands before the manifest's JSON. Frozen.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ManifestHeader {
    pub magic: u64,
    pub abi_major: u32,
    pub abi_minor: u32,
    pub features_required: u64,
    pub json_len: u64,
}

pub type Init = unsafe extern "C-unwind" fn(*const Host, *mut ErrorText) -> i32;
pub type Evaluate = unsafe extern "C-unwind" fn(*const Call, *mut ErrorText) -> i32;

/// The descriptor: the one export of a pack. Growable. Functions are plain addresses here, because the host calls nothing
/// that it has not checked to lie in the pack's code.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Pack {
    pub magic: u64,
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub features_required: u64,
    pub build_flags: u64,
    pub n_metrics: u32,
    pub reserved: u32,
    pub manifest: *const ManifestHeader,
    pub init: *const c_void,
    pub evaluate: *const c_void,
}

macro_rules! layout {
    ($($name:ty, $size:literal { $($field:ident: $offset:literal),* })*) => {
        $(
            const _: () = assert!(size_of::<$name>() == $size);
            $(const _: () = assert!(core::mem::offset_of!($name, $field) == $offset);)*
        )*
    };
}

layout! {
    D128, 16 { lo: 0, hi: 8 }
    Col, 64 { data: 0, validity: 8, null_count: 16, value_type: 24, scale: 28, reserved: 32 }
    Out, 64 { data: 0, validity: 8, value_type: 16, scale: 20, reserved: 24 }
    Value, 32 { value_type: 0, scale: 4, any: 8, reserved: 24 }
    ErrorText, 32 { struct_size: 0, cap: 4, len: 8, reserved: 12, row: 16, msg: 24 }
    Call, 88 { struct_size: 0, metric: 4, n_rows: 8, inputs: 16, params: 24, out: 32, n_inputs: 40, n_params: 44, groups: 48, n_groups: 56, row_base: 64, cancel: 72, host: 80 }
    ManifestHeader, 32 { magic: 0, abi_major: 8, abi_minor: 12, features_required: 16, json_len: 24 }
}

#[cfg(target_pointer_width = "64")]
layout! {
    Host, 32 { struct_size: 0, abi_minor: 4, ctx: 8, log: 16, get_extension: 24 }
    Pack, 64 { magic: 0, struct_size: 8, abi_major: 12, abi_minor: 14, features_required: 16, build_flags: 24, n_metrics: 32, reserved: 36, manifest: 40, init: 48, evaluate: 56 }
}
