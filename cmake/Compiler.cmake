# Every target of ours links tagswell::compiler: one place for flags.
add_library(tagswell_compiler INTERFACE)
add_library(tagswell::compiler ALIAS tagswell_compiler)
target_include_directories(tagswell_compiler INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
target_compile_options(tagswell_compiler INTERFACE
  -pthread -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor
  $<$<BOOL:${TAGSWELL_WERROR}>:-Werror>
  $<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>
  $<$<CONFIG:Release>:-fno-plt>)
if(TAGSWELL_SANITIZE)
  add_compile_options(-fsanitize=${TAGSWELL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TAGSWELL_SANITIZE})
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # What precompiled headers need: see "Precompiled headers" in ccache's manual.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
endif()
