# The house itself: walls, shape, format, documents; what is installed and the
# core alone, each used as a stranger would. Compilers and linkers do most of
# the work here, so one plain build runs these and sanitized builds do not.
if(KANJO_SANITIZE)
  return()
endif()
set(house "${CMAKE_SOURCE_DIR}/tests/house")
set(scratch "${CMAKE_BINARY_DIR}/house")
find_program(KANJO_CXX NAMES c++ g++ clang++ REQUIRED)

add_test(NAME house.walls COMMAND "${CMAKE_SOURCE_DIR}/tools/check-walls")
add_test(NAME house.shape COMMAND "${CMAKE_SOURCE_DIR}/tools/check-shape")
add_test(NAME house.gates COMMAND /usr/bin/python3 -B "${house}/gates.py")
add_test(NAME house.format COMMAND "${house}/format.sh")
add_test(NAME house.documents
  COMMAND /usr/bin/python3 -B "${house}/documents.py"
    $<TARGET_FILE:kanjo_program>)
add_test(NAME house.headers
  COMMAND "${house}/headers.sh" "${CMAKE_C_COMPILER}" "${KANJO_CXX}")
add_test(NAME house.exports
  COMMAND "${house}/exports.sh" $<TARGET_FILE:kanjo_shared>)
add_test(NAME house.pages
  COMMAND "${house}/pages.sh" $<TARGET_FILE:kanjo_program>)
add_test(NAME house.install
  COMMAND "${house}/install.sh" "${CMAKE_BINARY_DIR}" "${scratch}/install"
    "${CMAKE_C_COMPILER}" "${KANJO_CXX}")
add_test(NAME house.core
  COMMAND "${house}/core.sh" "${scratch}/core" "${CMAKE_C_COMPILER}")
set_tests_properties(house.install house.core PROPERTIES PROCESSORS 2)
