# The program as its user meets it: each .test file is a test.
if(KANJO_CORE_ONLY)
  return()
endif()
file(GLOB KANJO_CLI_TESTS CONFIGURE_DEPENDS
  "${CMAKE_SOURCE_DIR}/tests/cli/*.test")
foreach(test ${KANJO_CLI_TESTS})
  get_filename_component(name "${test}" NAME_WE)
  add_test(NAME "cli.${name}" COMMAND /usr/bin/python3 -B
    "${CMAKE_SOURCE_DIR}/tests/cli/run" $<TARGET_FILE:kanjo_program> "${test}")
endforeach()

# A source of the program, which no library holds.
target_sources(test_cli_decimal PRIVATE "${CMAKE_SOURCE_DIR}/src/cli/decimal.c")
