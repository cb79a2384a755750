# Tests mirror src/: tests/ROOM/test_NAME.c is one cmocka program, run by CTest.
if(KANJO_CORE_ONLY)
  file(GLOB KANJO_TEST_SOURCES CONFIGURE_DEPENDS
    "${CMAKE_SOURCE_DIR}/tests/core/test_*.c")
  set(KANJO_TEST_LISTS "${CMAKE_SOURCE_DIR}/tests/core/tests.cmake")
  set(KANJO_TEST_LIBRARY kanjo_core)
else()
  file(GLOB KANJO_TEST_SOURCES CONFIGURE_DEPENDS
    "${CMAKE_SOURCE_DIR}/tests/*/test_*.c")
  file(GLOB KANJO_TEST_LISTS CONFIGURE_DEPENDS
    "${CMAKE_SOURCE_DIR}/tests/*/tests.cmake")
  set(KANJO_TEST_LIBRARY kanjo)
endif()
find_library(CMOCKA_LIBRARY cmocka REQUIRED)
foreach(source ${KANJO_TEST_SOURCES})
  get_filename_component(room "${source}" DIRECTORY)
  get_filename_component(room "${room}" NAME)
  get_filename_component(name "${source}" NAME_WE)
  string(REPLACE "test_" "" name "${name}")
  set(target "test_${room}_${name}")
  add_executable(${target} "${source}")
  target_include_directories(${target} PRIVATE
    "${CMAKE_SOURCE_DIR}/src" "${CMAKE_SOURCE_DIR}/tests")
  target_link_libraries(${target} PRIVATE ${KANJO_TEST_LIBRARY}
    ${CMOCKA_LIBRARY} m)
  if(NOT KANJO_CORE_ONLY)
    target_link_libraries(${target} PRIVATE PkgConfig::SNDFILE
      PkgConfig::JANSSON Threads::Threads)
  endif()
  target_compile_definitions(${target} PRIVATE
    KJ_TEST_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
    KJ_TEST_SHARED_DIR="${KANJO_SHARED_DIR}")
  add_test(NAME "${room}.${name}" COMMAND ${target})
endforeach()
foreach(list ${KANJO_TEST_LISTS})
  include("${list}")
endforeach()
