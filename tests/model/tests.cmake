# The model file opened without Kanjo, and the library short of memory.
if(KANJO_CORE_ONLY)
  return()
endif()

add_executable(model_dump "${CMAKE_SOURCE_DIR}/tests/model/dump.c")
target_include_directories(model_dump PRIVATE
  "${CMAKE_SOURCE_DIR}/src" "${CMAKE_SOURCE_DIR}/tests")
target_link_libraries(model_dump PRIVATE kanjo PkgConfig::JANSSON
  ${CMOCKA_LIBRARY} m)
add_test(NAME model.read_safetensors COMMAND /usr/bin/python3 -B
  "${CMAKE_SOURCE_DIR}/tests/model/read_safetensors.py"
  $<TARGET_FILE:model_dump>)

# Only where libkanjo is static do its calls pass through the test's linker.
get_target_property(kanjo_type kanjo TYPE)
if(kanjo_type STREQUAL "STATIC_LIBRARY")
  target_link_options(test_model_shortage PRIVATE
    LINKER:--wrap=malloc,--wrap=realloc)
else()
  set_tests_properties(model.shortage PROPERTIES DISABLED TRUE)
endif()

# fuzz.NAME_corpus, the fuzz targets' corpora in every build.
include("${CMAKE_SOURCE_DIR}/cmake/fuzz.cmake")
