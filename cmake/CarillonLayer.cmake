# carillon_layer(NAME [USES layer-or-library ...]): the folder's sources as one static library,
# linked to exactly what it lists. A folder inside it that has its own CMakeLists.txt is left out.
add_library(carillon_options INTERFACE)
target_compile_options(carillon_options INTERFACE
  -Wall -Wextra -Wpedantic $<$<COMPILE_LANGUAGE:CXX>:-Wconversion -Wshadow>
  $<$<BOOL:${CARILLON_WERROR}>:-Werror>
  # GCC 12 raises these two falsely for std::optional and std::string at -O2 (its bugs 80635 and
  # 105651); clang's warnings and the sanitizers look for the real ones.
  # subobject-linkage is meant for headers, which it takes the sources of a unity build for.
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-Wno-maybe-uninitialized -Wno-restrict -Wno-subobject-linkage>
  # clang warns of what libstdc++ 12 itself uses in std::stable_sort. GCC warns of our own uses.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>)
target_include_directories(carillon_options INTERFACE
  ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/src)
if(CARILLON_SANITIZE)
  target_compile_options(carillon_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(carillon_options INTERFACE -fsanitize=address,undefined)
endif()

function(carillon_layer name)
  cmake_parse_arguments(LAYER "" "" "USES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cpp)
  file(GLOB_RECURSE nested CONFIGURE_DEPENDS CMakeLists.txt)
  list(REMOVE_ITEM nested ${CMAKE_CURRENT_SOURCE_DIR}/CMakeLists.txt)
  foreach(other ${nested})
    cmake_path(GET other PARENT_PATH folder)
    foreach(source ${sources})
      cmake_path(IS_PREFIX folder ${source} is_inside)
      if(is_inside)
        list(REMOVE_ITEM sources ${source})
      endif()
    endforeach()
  endforeach()
  if(NOT sources)
    add_library(carillon_${name} INTERFACE)
    target_link_libraries(carillon_${name} INTERFACE carillon_options ${LAYER_USES})
    return()
  endif()
  add_library(carillon_${name} STATIC ${sources})
  target_link_libraries(carillon_${name} PUBLIC carillon_options ${LAYER_USES})
  if(CARILLON_FUZZ)
    target_compile_options(carillon_${name} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()

# carillon_test(NAME [USES ...]): the folder's *_test.cpp as one GoogleTest binary.
function(carillon_test name)
  cmake_parse_arguments(TEST "" "" "USES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp *.hpp)
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources})
  target_link_libraries(test_${name} PRIVATE ${TEST_USES} GTest::gmock GTest::gtest_main)
  # The layers are optimised, for the fuzzers' sake; the tests' own code is compiled more than run.
  target_compile_options(test_${name} PRIVATE $<$<CONFIG:Debug>:-O0>)
  target_include_directories(test_${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  gtest_discover_tests(test_${name} TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT 120)
endfunction()
