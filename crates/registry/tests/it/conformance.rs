//! The conformance list: every bad pack and every bad input that the host must survive, the code that it must give, and the tests that
//! show it. Each pack is built or forged by its test.
//!
//! A row is shown by the tests named in it, which the compiler holds to be there; `every_row_is_shown` holds the list to be whole. What
//! no host could survive in its own process (a crash, `exit`, a loop without end) is shown to be refused by the probe, which runs a
//! pack in a child first, and contained by the worker, where it costs one batch. That a service under load goes on answering while
//! such packs are dropped into its folder is shown end to end (`tests/it/bad_packs.rs`).

use crate::{calls, file, probe, refused, reload, standard, typed, worker};

type Test = fn();

/// What comes of a row.
enum Outcome {
    /// Refused, or its batch failed, with one of these codes.
    Code(&'static [&'static str]),
    Loads,
    /// Not for this version of the border, and why.
    NotYet(&'static str),
}

use Outcome::{Code, Loads, NotYet};

const DIES: Outcome = Code(&["F_CHILD_DIED"]);

/// The number, the bad pack or input, what comes of it, and the tests that show it.
const LIST: &[(u32, &str, Outcome, &[Test])] = &[
    // Before any of its code runs.
    (1, "an empty file", Code(&["E_ELF_TRUNCATED"]), &[refused::files_that_are_no_library_for_this_machine]),
    (2, "40 bytes of a library", Code(&["E_ELF_TRUNCATED"]), &[refused::files_that_are_no_library_for_this_machine]),
    (3, "half a library", Code(&["E_ELF_TRUNCATED"]), &[refused::files_that_are_no_library_for_this_machine]),
    (4, "a shell script", Code(&["E_NOT_ELF"]), &[refused::files_that_are_no_library_for_this_machine]),
    (5, "another machine's", Code(&["E_ELF_ARCH"]), &[refused::files_that_are_no_library_for_this_machine]),
    (6, "a 32-bit one", Code(&["E_ELF_CLASS"]), &[refused::files_that_are_no_library_for_this_machine]),
    (7, "the other byte order", Code(&["E_ELF_ENDIAN"]), &[refused::files_that_are_no_library_for_this_machine]),
    (8, "a program", Code(&["E_ELF_TYPE"]), &[refused::files_that_are_no_library_for_this_machine]),
    (9, "segments at 2^62", Code(&["E_ELF_TRUNCATED"]), &[refused::files_that_are_no_library_for_this_machine]),
    (10, "sections at 2^62", Code(&["E_ELF_TRUNCATED"]), &[refused::files_that_are_no_library_for_this_machine]),
    (11, "links to another library", Code(&["E_ELF_NEEDED"]), &[refused::libraries_linked_in_ways_that_a_pack_must_not_be]),
    (
        12,
        "a search path, an executable stack, writable code, addresses in the code, two manifests, a newer glibc",
        Code(&["E_ELF_RPATH", "E_ELF_EXECSTACK", "E_ELF_WX", "E_ELF_TEXTREL", "E_NO_MANIFEST", "E_ELF_GLIBC"]),
        &[
            refused::libraries_linked_in_ways_that_a_pack_must_not_be,
            refused::files_that_are_no_library_for_this_machine,
            file::a_library_with_two_manifests_or_for_a_newer_system_is_refused,
        ],
    ),
    (13, "no manifest", Code(&["E_NO_MANIFEST"]), &[refused::libraries_linked_in_ways_that_a_pack_must_not_be]),
    (14, "no entry", Code(&["E_NO_ENTRY"]), &[refused::libraries_without_the_entry]),
    (15, "the entry of major 9 only", Code(&["E_ABI_MAJOR"]), &[refused::libraries_without_the_entry]),
    (16, "a manifest of major 2", Code(&["E_ABI_MAJOR"]), &[refused::manifests_whose_header_is_wrong]),
    (
        17,
        "an unknown feature, in manifest or descriptor",
        Code(&["E_FEATURE"]),
        &[refused::manifests_whose_header_is_wrong, refused::descriptors_that_are_wrong],
    ),
    (18, "a manifest of 2^60 bytes", Code(&["E_MANIFEST_SIZE"]), &[refused::manifests_whose_header_is_wrong]),
    (19, "a manifest that is no UTF-8", Code(&["E_MANIFEST_UTF8"]), &[refused::manifests_that_are_wrong]),
    (20, "a manifest that is no JSON", Code(&["E_MANIFEST_JSON"]), &[refused::manifests_that_are_wrong]),
    (21, "a key twice", Code(&["E_MANIFEST_DUPKEY"]), &[refused::manifests_that_are_wrong]),
    (22, "5000 nested arrays", Code(&["E_MANIFEST_DEPTH"]), &[refused::manifests_that_are_wrong]),
    (23, "metrics in a circle", Code(&["E_MANIFEST_CYCLE"]), &[refused::manifests_that_are_wrong]),
    (
        24,
        "a circle through two packs, a taken id, an unknown unit, an unknown measure, 257 KiB of manifest",
        Code(&["E_MANIFEST_CYCLE", "E_MANIFEST_CLASH", "E_MANIFEST_UNIT", "E_MANIFEST_MEASURE", "E_MANIFEST_SIZE"]),
        &[
            refused::a_circle_through_two_packs_refuses_both,
            refused::a_refused_pack_takes_no_other_with_it_but_those_that_need_it,
            refused::manifests_that_are_wrong,
            refused::manifests_whose_header_is_wrong,
        ],
    ),
    // Once it is mapped, which happens in a child first.
    (25, "a descriptor of another magic", Code(&["E_MAGIC"]), &[refused::descriptors_that_are_wrong]),
    (26, "of major 9", Code(&["E_ABI_MAJOR"]), &[refused::descriptors_that_are_wrong]),
    (27, "of 16 bytes", Code(&["E_DESCRIPTOR"]), &[refused::descriptors_that_are_wrong]),
    (28, "without `evaluate`", Code(&["E_DESCRIPTOR"]), &[refused::descriptors_that_are_wrong]),
    (29, "with `evaluate` outside the code", Code(&["E_DESCRIPTOR"]), &[refused::descriptors_that_are_wrong]),
    (30, "with more metrics than the manifest", Code(&["E_DESCRIPTOR"]), &[refused::descriptors_that_are_wrong]),
    (
        31,
        "that needs a newer minor, or an older one than its manifest does",
        Code(&["E_ABI_MINOR"]),
        &[refused::descriptors_that_are_wrong, typed::a_pack_says_that_it_needs_the_newer_border_or_is_refused],
    ),
    (32, "longer than the host knows", Loads, &[refused::a_descriptor_longer_than_the_host_knows_loads]),
    (
        33,
        "built with panic=abort",
        Code(&["E_PANIC_ABORT"]),
        &[refused::descriptors_that_are_wrong, file::a_rust_pack_built_to_abort_is_refused],
    ),
    (34, "an undefined function", Code(&["E_DLOPEN"]), &[refused::an_undefined_function_is_an_error_at_load_and_not_at_the_call]),
    (35, "a constructor that crashes", DIES, &[probe::what_ends_the_process_is_told_with_how_it_ended]),
    (36, "a constructor that exits", DIES, &[probe::what_ends_the_process_is_told_with_how_it_ended]),
    (37, "an `init` that fails, panics, never ends", Code(&["E_INIT", "F_DEADLINE"]), &[probe::what_does_not_come_to_an_end_is_ended]),
    // When it is called.
    (38, "a panic", Code(&["E_PANIC"]), &[calls::a_panic_in_a_rust_pack_is_its_own_fault_and_says_where]),
    (39, "a panic whose payload panics", Code(&["E_PANIC"]), &[calls::a_panic_in_a_rust_pack_is_its_own_fault_and_says_where]),
    (
        40,
        "an exception out of C++",
        DIES,
        &[probe::an_exception_out_of_a_pack_in_cpp_ends_the_child_only, worker::what_ends_the_process_costs_one_batch],
    ),
    (41, "an error that is documented", Code(&["E_OVERFLOW"]), &[calls::each_kind_of_misbehaviour_has_its_code]),
    (
        42,
        "a status that means nothing",
        Code(&["F_UNKNOWN_STATUS"]),
        &[
            calls::each_kind_of_misbehaviour_has_its_code,
            probe::what_is_wrong_with_values_is_a_code,
            worker::each_kind_of_wrong_output_has_its_code,
        ],
    ),
    (43, "a metric that it does not have", Code(&["E_UNSUPPORTED"]), &[file::a_metric_that_a_pack_does_not_have_is_unsupported]),
    (
        44,
        "an error text of 2^30 bytes",
        Code(&["F_ERR_LEN"]),
        &[
            calls::each_kind_of_misbehaviour_has_its_code,
            probe::what_is_wrong_with_values_is_a_code,
            worker::each_kind_of_wrong_output_has_its_code,
        ],
    ),
    (
        45,
        "an error text that is no UTF-8",
        Code(&["E_COMPUTE"]),
        &[
            calls::each_kind_of_misbehaviour_has_its_code,
            worker::each_kind_of_wrong_output_has_its_code,
            probe::what_harms_nobody_is_still_held_to_its_formula,
        ],
    ),
    (46, "NaN", Code(&["F_NOT_FINITE"]), &[typed::what_is_no_number_or_infinite_is_told_with_its_row]),
    (
        47,
        "an infinite value, and one out of range",
        Code(&["F_NOT_FINITE", "F_DECIMAL_RANGE"]),
        &[typed::what_is_no_number_or_infinite_is_told_with_its_row, calls::each_kind_of_misbehaviour_has_its_code],
    ),
    (
        48,
        "valid, and nothing written",
        Code(&["F_VALID_BUT_UNWRITTEN"]),
        &[
            calls::each_kind_of_misbehaviour_has_its_code,
            probe::what_is_wrong_with_values_is_a_code,
            worker::each_kind_of_wrong_output_has_its_code,
            typed::what_is_no_number_or_infinite_is_told_with_its_row,
        ],
    ),
    (
        49,
        "writes nothing, which is no value: where the formula has one, the kit refuses it",
        Code(&["F_FORMULA_DIFFERS"]),
        &[
            probe::what_harms_nobody_is_still_held_to_its_formula,
            probe::a_pack_whose_formula_has_no_values_may_write_nothing,
            calls::writing_nothing_is_no_value_in_every_row,
        ],
    ),
    (
        50,
        "a value past the end",
        Code(&["F_WROTE_PAST_END", "F_CHILD_DIED"]),
        &[
            calls::each_kind_of_misbehaviour_has_its_code,
            probe::what_ends_the_process_is_told_with_how_it_ended,
            worker::each_kind_of_wrong_output_has_its_code,
        ],
    ),
    (
        51,
        "valid past the end",
        Code(&["F_VALIDITY_PAST_END"]),
        &[
            calls::each_kind_of_misbehaviour_has_its_code,
            probe::what_is_wrong_with_values_is_a_code,
            worker::each_kind_of_wrong_output_has_its_code,
        ],
    ),
    (
        52,
        "writes into an input",
        Code(&["F_CHILD_DIED", "F_INPUT_CHANGED"]),
        &[
            probe::what_ends_the_process_is_told_with_how_it_ended,
            probe::an_input_that_is_changed_where_the_pack_does_not_see_it_is_found,
            worker::what_ends_the_process_costs_one_batch,
        ],
    ),
    (53, "reads far past an input", DIES, &[probe::what_ends_the_process_is_told_with_how_it_ended]),
    (54, "a null dereference", DIES, IN_A_CHILD),
    (
        55,
        "a loop without end",
        Code(&["F_DEADLINE"]),
        &[probe::what_does_not_come_to_an_end_is_ended, worker::what_does_not_end_is_asked_to_stop_and_then_stopped],
    ),
    (56, "exit", DIES, IN_A_CHILD),
    (57, "abort", DIES, &[probe::what_ends_the_process_is_told_with_how_it_ended]),
    (58, "a division without result", DIES, IN_A_CHILD),
    (59, "recursion without end", DIES, IN_A_CHILD),
    (
        60,
        "memory until there is none",
        Code(&["E_INTERNAL"]),
        &[probe::what_is_wrong_with_values_is_a_code, worker::each_kind_of_wrong_output_has_its_code],
    ),
    (61, "leaks 1 MiB a call", Code(&["F_LEAK"]), &[probe::what_is_wrong_with_values_is_a_code]),
    (62, "starts a thread", Code(&["F_THREADS", "F_CHILD_DIED"]), CHANGES),
    (63, "leaks a descriptor a call", Code(&["F_FDS", "F_CHILD_DIED"]), CHANGES),
    (64, "closes the host's descriptors", DIES, IN_A_CHILD),
    (65, "changes a signal handler", Code(&["F_ENV"]), &[probe::what_is_changed_in_the_process_is_found]),
    (66, "changes the folder", Code(&["F_ENV"]), &[probe::what_is_changed_in_the_process_is_found]),
    (
        67,
        "flushes denormals to zero",
        Code(&["F_ENV"]),
        &[probe::what_is_changed_in_the_process_is_found, calls::a_changed_floating_point_mode_is_put_back],
    ),
    (
        68,
        "linked with -ffast-math",
        Loads,
        &[probe::what_is_odd_but_no_harm_loads_with_a_warning, calls::a_pack_linked_with_fast_math_loads_and_leaves_the_host_as_it_was],
    ),
    (69, "prints 100 lines", Loads, &[probe::what_is_odd_but_no_harm_loads_with_a_warning]),
    (70, "another result each time", Code(&["F_NOT_DETERMINISTIC"]), &[probe::what_is_wrong_with_values_is_a_code]),
    (71, "a running total", Code(&["F_NOT_ROW_WISE"]), &[probe::what_is_wrong_with_values_is_a_code]),
    // Its life.
    (72, "replaced by rename", Loads, &[reload::a_new_version_takes_over_and_whoever_holds_the_old_one_ends_with_it]),
    (73, "overwritten while loaded", Loads, &[calls::a_file_overwritten_while_loaded_changes_nothing]),
    (74, "stripped of symbols", Loads, &[file::a_stripped_pack_loads]),
    (75, "swapped 200 times under load", Loads, &[reload::two_versions_swapped_200_times_mix_in_no_batch_and_take_no_more_memory]),
    (
        76,
        "unsigned, signed by another, changed by one byte",
        Code(&["E_UNSIGNED", "E_SIGNATURE", "E_MODIFIED"]),
        &[file::a_signature_is_of_one_file_by_one_key],
    ),
    (
        77,
        "a link, a pipe, a folder, 65 MiB, unreadable, gone while it is read",
        Code(&["E_IO", "E_SIZE"]),
        &[
            refused::files_that_cannot_be_read_as_a_pack_file,
            file::a_file_that_may_not_be_read_or_that_goes_meanwhile_is_no_more_than_a_refusal,
        ],
    ),
    (
        78,
        "0, 1, 63, 64, 65 rows, all null, extremes, the finest scale, the extremes of 64 bits, denormals",
        Loads,
        &[
            probe::what_is_odd_but_no_harm_loads_with_a_warning,
            worker::a_worker_gives_what_the_pack_gives_in_process,
            standard::every_metric_computes_what_its_formula_says,
            typed::integers_come_through_up_to_their_extremes,
            typed::doubles_come_through_as_they_are_printed,
            typed::a_result_too_small_for_twelve_places_is_zero,
            typed::a_pack_that_cannot_tell_denormals_from_zero_is_found,
        ],
    ),
    // Under ThreadSanitizer by `.ci/race`.
    (79, "32 threads at once", Loads, &[calls::many_threads_may_call_one_metric_at_once, worker::many_threads_may_call_one_worker_at_once]),
    (80, "WebAssembly: loops, reads outside, divisions, growth", NotYet("there are no packs in WebAssembly"), &[]),
];

const IN_A_CHILD: &[Test] = &[probe::what_ends_the_process_is_told_with_how_it_ended, worker::what_ends_the_process_costs_one_batch];
const CHANGES: &[Test] = &[probe::what_is_changed_in_the_process_is_found, worker::what_ends_the_process_costs_one_batch];

const SHOWN_IN: [&str; 7] = [
    include_str!("calls.rs"),
    include_str!("file.rs"),
    include_str!("probe.rs"),
    include_str!("refused.rs"),
    include_str!("reload.rs"),
    include_str!("typed.rs"),
    include_str!("worker.rs"),
];

#[test]
fn every_row_is_shown() {
    let numbers: Vec<u32> = LIST.iter().map(|(number, ..)| *number).collect();
    assert_eq!(numbers, (1..=80).collect::<Vec<_>>());
    for (number, what, outcome, tests) in LIST {
        match outcome {
            NotYet(why) => assert!(tests.is_empty() && !why.is_empty(), "row {number}, {what}"),
            Loads => assert!(!tests.is_empty(), "row {number}, {what}, is shown by no test"),
            Code(codes) => {
                assert!(!tests.is_empty(), "row {number}, {what}, is shown by no test");
                for code in *codes {
                    assert!(SHOWN_IN.iter().any(|text| text.contains(&format!("\"{code}\""))), "row {number}: no test speaks of {code}");
                }
            }
        }
    }
}
