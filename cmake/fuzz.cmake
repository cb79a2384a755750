# A target per parser. fuzz/fuzz_NAME.c is built with libFuzzer where
# KANJO_FUZZ is on (clang), as fuzz_NAME; and everywhere with a plain main, as
# fuzz_NAME_replay, which CTest runs over fuzz/corpus/NAME.
include_guard(GLOBAL)
if(KANJO_CORE_ONLY)
  return()
endif()

file(GLOB KANJO_FUZZ_SOURCES CONFIGURE_DEPENDS
  "${CMAKE_SOURCE_DIR}/fuzz/fuzz_*.c")
set(KANJO_FUZZ_SANITIZERS address,undefined)

if(KANJO_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "KANJO_FUZZ needs clang: -DCMAKE_C_COMPILER=clang")
  endif()
  # The library itself must report its branches and be watched.
  foreach(target kanjo ${KANJO_KERNEL_TARGETS})
    target_compile_options(${target} PRIVATE
      -fsanitize=fuzzer-no-link,${KANJO_FUZZ_SANITIZERS}
      -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
  endforeach()
  target_link_options(kanjo INTERFACE -fsanitize=${KANJO_FUZZ_SANITIZERS})
endif()

function(kanjo_add_fuzz_program target)
  add_executable(${target} ${ARGN})
  target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(${target} PRIVATE kanjo)
endfunction()

foreach(source ${KANJO_FUZZ_SOURCES})
  get_filename_component(target "${source}" NAME_WE)
  string(REPLACE "fuzz_" "" name "${target}")
  kanjo_add_fuzz_program(${target}_replay
    "${source}" "${CMAKE_SOURCE_DIR}/fuzz/replay.c")
  if(KANJO_TESTS)
    add_test(NAME fuzz.${name}_corpus COMMAND ${target}_replay
      "${CMAKE_SOURCE_DIR}/fuzz/corpus/${name}")
  endif()
  if(KANJO_FUZZ)
    kanjo_add_fuzz_program(${target} "${source}")
    target_compile_options(${target} PRIVATE
      -fsanitize=fuzzer-no-link,${KANJO_FUZZ_SANITIZERS} -g)
    target_link_options(${target} PRIVATE
      -fsanitize=fuzzer,${KANJO_FUZZ_SANITIZERS})
  endif()
endforeach()
