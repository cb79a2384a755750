# The network room in float, and with kj_real double (kanjo_double), where
# gradients are compared with central differences.
if(KANJO_CORE_ONLY)
  return()
endif()

# One source each, against the library of doubles.
foreach(source gradients.c test_matmul.c test_loss.c)
  string(REGEX REPLACE "^test_|\\.c$" "" name "${source}")
  add_executable(test_network_${name}_double
    "${CMAKE_SOURCE_DIR}/tests/network/${source}")
  target_link_libraries(test_network_${name}_double PRIVATE kanjo_double
    ${CMOCKA_LIBRARY} m)
  add_test(NAME network.${name}.double COMMAND test_network_${name}_double)
endforeach()

# Five training steps, written out by the library and computed again in numpy.
foreach(kind float double)
  set(library kanjo)
  if(kind STREQUAL "double")
    set(library kanjo_double)
  endif()
  set(target network_steps_${kind})
  add_executable(${target} "${CMAKE_SOURCE_DIR}/tests/network/steps.c")
  target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(${target} PRIVATE ${library} ${CMOCKA_LIBRARY} m)
  set(written "${CMAKE_BINARY_DIR}/${target}.txt")
  add_test(NAME network.steps.${kind}.write COMMAND ${target} "${written}")
  add_test(NAME network.steps.${kind} COMMAND /usr/bin/python3
    "${CMAKE_SOURCE_DIR}/tests/network/steps.py" "${written}" ${kind})
  set_tests_properties(network.steps.${kind}.write PROPERTIES
    FIXTURES_SETUP network_steps_${kind})
  set_tests_properties(network.steps.${kind} PROPERTIES
    FIXTURES_REQUIRED network_steps_${kind})
endforeach()
