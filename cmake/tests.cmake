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
      PkgConfig::JANSSON PkgConfig::SQLITE3 Threads::Threads)
  endif()
  target_compile_definitions(${target} PRIVATE
    KJ_TEST_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
    KJ_TEST_SHARED_DIR="${KANJO_SHARED_DIR}")
  add_test(NAME "${room}.${name}" COMMAND ${target})
endforeach()

# The network and smoothing rooms once more, with kj_real double, for the tests
# that compare with central differences and with numpy.
if(NOT KANJO_CORE_ONLY)
  file(GLOB KANJO_DOUBLE_SOURCES CONFIGURE_DEPENDS
    "${CMAKE_SOURCE_DIR}/src/network/*.c"
    "${CMAKE_SOURCE_DIR}/src/smoothing/*.c")
  add_library(kanjo_double STATIC
    "${CMAKE_SOURCE_DIR}/src/base/crew.c"
    "${CMAKE_SOURCE_DIR}/src/base/error.c"
    "${CMAKE_SOURCE_DIR}/src/base/flush.c"
    "${CMAKE_SOURCE_DIR}/src/base/memory.c"
    "${CMAKE_SOURCE_DIR}/src/base/random.c"
    "${CMAKE_SOURCE_DIR}/src/base/tier.c"
    ${KANJO_DOUBLE_SOURCES})
  target_compile_definitions(kanjo_double PUBLIC KJ_REAL_DOUBLE)
  target_include_directories(kanjo_double PUBLIC
    "${CMAKE_SOURCE_DIR}/include" "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(kanjo_double PUBLIC m PRIVATE Threads::Threads)
endif()

foreach(list ${KANJO_TEST_LISTS})
  include("${list}")
endforeach()
