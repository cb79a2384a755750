# What is installed: headers, libraries, and what finds them (a CMake package,
# pkg-config files); the program with its default model, man page and shell
# completions. Those last are printed by the program itself, after it is built.
include(CMakePackageConfigHelpers)
set(KANJO_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/kanjo")
set(KANJO_INSTALLED kanjo_core)
set(KANJO_HEADERS status memory real features windows activity network estimator)
set_target_properties(kanjo_core PROPERTIES EXPORT_NAME core)

# A .pc file from the one template, with a prefix relative to itself. What a
# shared library brings along by itself stays private.
file(RELATIVE_PATH PC_PREFIX "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig"
  "${CMAKE_INSTALL_PREFIX}")
function(kanjo_write_pc name library requires libs is_shared)
  set(PC_NAME "${name}")
  set(PC_LIBRARY "${library}")
  set(PC_PRIVATE "")
  set(PC_LIBS " ${libs}")
  set(PC_LIBS_PRIVATE "")
  set(PC_REQUIRES "${requires}")
  if(is_shared)
    set(PC_PRIVATE ".private")
    set(PC_LIBS "")
    set(PC_LIBS_PRIVATE "${libs}")
  endif()
  configure_file("${CMAKE_SOURCE_DIR}/cmake/kanjo.pc.in"
    "${CMAKE_BINARY_DIR}/${name}.pc" @ONLY)
  install(FILES "${CMAKE_BINARY_DIR}/${name}.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endfunction()

set(KANJO_REQUIRES "sndfile soxr jansson expat yaml-0.1 sqlite3 nlopt")
kanjo_write_pc(kanjo-core kanjo_core "" "-lm" FALSE)
set(KANJO_NEEDS "")
if(NOT KANJO_CORE_ONLY)
  file(GLOB KANJO_HEADERS CONFIGURE_DEPENDS
    "${CMAKE_SOURCE_DIR}/include/kanjo/*.h")
  if(BUILD_SHARED_LIBS)
    list(APPEND KANJO_INSTALLED kanjo_shared)
    kanjo_write_pc(kanjo kanjo "${KANJO_REQUIRES}" "-lcsv -pthread -lm" TRUE)
  else()
    list(APPEND KANJO_INSTALLED kanjo)
    set(KANJO_NEEDS "${KANJO_REQUIRES}")
    kanjo_write_pc(kanjo kanjo "${KANJO_REQUIRES}" "-lcsv -pthread -lm"
      FALSE)
  endif()
else()
  list(TRANSFORM KANJO_HEADERS
    REPLACE "(.+)" "${CMAKE_SOURCE_DIR}/include/kanjo/\\1.h")
endif()

install(FILES ${KANJO_HEADERS}
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/kanjo")
install(TARGETS ${KANJO_INSTALLED} EXPORT kanjo)
install(EXPORT kanjo NAMESPACE kanjo:: FILE kanjo-targets.cmake
  DESTINATION "${KANJO_PACKAGE_DIR}")
configure_package_config_file("${CMAKE_SOURCE_DIR}/cmake/kanjo-config.cmake.in"
  "${CMAKE_BINARY_DIR}/kanjo-config.cmake"
  INSTALL_DESTINATION "${KANJO_PACKAGE_DIR}")
write_basic_package_version_file("${CMAKE_BINARY_DIR}/kanjo-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/kanjo-config.cmake"
  "${CMAKE_BINARY_DIR}/kanjo-config-version.cmake"
  DESTINATION "${KANJO_PACKAGE_DIR}")
install(FILES "${CMAKE_SOURCE_DIR}/LICENSE" "${CMAKE_SOURCE_DIR}/README.md"
  DESTINATION "${CMAKE_INSTALL_DOCDIR}")
if(KANJO_CORE_ONLY)
  return()
endif()

install(TARGETS kanjo_program)
install(FILES "${CMAKE_BINARY_DIR}/share/kanjo/default.safetensors"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/kanjo" OPTIONAL)

install(DIRECTORY "${CMAKE_SOURCE_DIR}/data/protocols"
  "${CMAKE_SOURCE_DIR}/data/emodb-va"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/kanjo")

# What the program prints about itself: arguments; where it goes under share.
set(KANJO_PAGES "")
foreach(page
    "man:man/man1/kanjo.1"
    "completion bash:bash-completion/completions/kanjo"
    "completion zsh:zsh/site-functions/_kanjo"
    "completion fish:fish/vendor_completions.d/kanjo.fish")
  string(REGEX MATCH "^([^:]*):(.*)/([^/]*)$" ignored "${page}")
  separate_arguments(arguments UNIX_COMMAND "${CMAKE_MATCH_1}")
  set(folder "${CMAKE_MATCH_2}")
  set(file "${CMAKE_BINARY_DIR}/share/${folder}/${CMAKE_MATCH_3}")
  file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/share/${folder}")
  add_custom_command(OUTPUT "${file}" DEPENDS kanjo_program VERBATIM
    COMMAND kanjo_program ${arguments} > "${file}")
  list(APPEND KANJO_PAGES "${file}")
  install(FILES "${file}" DESTINATION "${CMAKE_INSTALL_DATADIR}/${folder}")
endforeach()
add_custom_target(kanjo_pages ALL DEPENDS ${KANJO_PAGES})
