# Each fuzzer runs for a short while from its seeds: fuzz/corpus/NAME. The fuzzers are built by the
# clang preset into CARILLON_FUZZ_DIR.
if(CARILLON_LONG_TESTS)
  set(fuzz_seconds 300)
else()
  set(fuzz_seconds 4)
endif()
math(EXPR fuzz_timeout "${fuzz_seconds} + 120")
file(GLOB fuzzers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/fuzz/*_fuzzer.cpp)
foreach(fuzzer ${fuzzers})
  get_filename_component(name ${fuzzer} NAME_WE)
  string(REPLACE "_fuzzer" "" short ${name})
  set(found ${CMAKE_BINARY_DIR}/fuzz/${short})
  file(MAKE_DIRECTORY ${found})
  # What it finds goes into the build directory; the seeds stay as they are.
  add_test(NAME fuzz.${short}
    COMMAND ${CARILLON_FUZZ_DIR}/${name} -max_total_time=${fuzz_seconds} -timeout=10 -rss_limit_mb=1024
      -max_len=8192 -print_final_stats=0 -verbosity=0 -artifact_prefix=${found}/
      ${found} ${CMAKE_SOURCE_DIR}/fuzz/corpus/${short})
  set_tests_properties(fuzz.${short} PROPERTIES TIMEOUT ${fuzz_timeout})
endforeach()
