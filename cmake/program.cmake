# The program: one file a verb.
file(GLOB KANJO_CLI CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/cli/*.c")
add_executable(kanjo_program ${KANJO_CLI})
set_target_properties(kanjo_program PROPERTIES OUTPUT_NAME kanjo)
target_include_directories(kanjo_program PRIVATE "${CMAKE_SOURCE_DIR}/src")
target_link_libraries(kanjo_program PRIVATE kanjo PkgConfig::JANSSON
  Threads::Threads)

# What is shipped beside the program is found from where it lies: as installed,
# and as built.
file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/share/kanjo")
foreach(folder protocols emodb-va)
  file(CREATE_LINK "${CMAKE_SOURCE_DIR}/data/${folder}"
    "${CMAKE_BINARY_DIR}/share/kanjo/${folder}" SYMBOLIC)
endforeach()

# The default model is trained here, by the program just built. A build with
# tests or for fuzzing does without it: instrumented, it would take minutes.
if(KANJO_TESTS OR KANJO_FUZZ OR KANJO_SANITIZE)
  set(KANJO_DEFAULT_MODEL_IN_ALL)
else()
  set(KANJO_DEFAULT_MODEL_IN_ALL ALL)
endif()
set(KANJO_DATA "${CMAKE_SOURCE_DIR}/data/emodb-va")
set(KANJO_DEFAULT_MODEL
  "${CMAKE_BINARY_DIR}/share/kanjo/default.safetensors")
add_custom_command(OUTPUT "${KANJO_DEFAULT_MODEL}"
  COMMAND "${CMAKE_SOURCE_DIR}/tools/make-default-model"
    "$<TARGET_FILE:kanjo_program>" "${KANJO_DEFAULT_MODEL}"
  DEPENDS kanjo_program "${CMAKE_SOURCE_DIR}/tools/make-default-model"
    "${KANJO_DATA}/features.csv" "${KANJO_DATA}/labels.csv"
    "${KANJO_DATA}/card.txt"
  COMMENT "Training the default model on data/emodb-va" VERBATIM)
add_custom_target(kanjo_default_model ${KANJO_DEFAULT_MODEL_IN_ALL}
  DEPENDS "${KANJO_DEFAULT_MODEL}")
