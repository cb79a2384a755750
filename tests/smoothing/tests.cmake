# The smoothing room with kj_real double, and its steps against numpy.
if(KANJO_CORE_ONLY)
  return()
endif()

# Against the library of doubles: sources of their own, and two built twice.
foreach(source gradients power test_direction test_terms)
  string(REPLACE "test_" "" name "${source}")
  set(target test_smoothing_${name}_double)
  add_executable(${target} "${CMAKE_SOURCE_DIR}/tests/smoothing/${source}.c")
  target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}/tests")
  target_link_libraries(${target} PRIVATE kanjo_double ${CMOCKA_LIBRARY} m)
  add_test(NAME smoothing.${name}.double COMMAND ${target})
endforeach()

# Training steps, printed by the library and computed again in numpy.
foreach(precision float double)
  set(library kanjo)
  if(precision STREQUAL "double")
    set(library kanjo_double)
  endif()
  set(target smoothing_dump_step_${precision})
  add_executable(${target} "${CMAKE_SOURCE_DIR}/tests/smoothing/dump_step.c")
  target_include_directories(${target} PRIVATE
    "${CMAKE_SOURCE_DIR}/src" "${CMAKE_SOURCE_DIR}/tests")
  target_link_libraries(${target} PRIVATE ${library} m)
  add_test(NAME smoothing.step.${precision} COMMAND /usr/bin/python3
    "${CMAKE_SOURCE_DIR}/tests/smoothing/step.py"
    $<TARGET_FILE:${target}> ${precision})
endforeach()
