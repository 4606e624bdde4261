# Turns the page's files, and what is served beside it, into one C++ source of byte arrays.
# usage: cmake -DSOURCE_DIR=DIR -DOUTPUT=FILE "-DASSETS=index.html board.css ..." -P embed.cmake
# Each file is served under its own name, index.html under /. The ETag is the start of the file's SHA-256.
set(types_html "text/html; charset=utf-8")
set(types_css "text/css; charset=utf-8")
set(types_js "text/javascript; charset=utf-8")
set(types_svg "image/svg+xml")
set(types_yaml "application/yaml")

separate_arguments(ASSETS)
set(arrays "")
set(rows "")
set(number 0)
foreach(asset IN LISTS ASSETS)
  string(REGEX REPLACE ".*\\." "" extension "${asset}")
  if(NOT DEFINED types_${extension})
    message(FATAL_ERROR "${asset}: no content type is known for .${extension}")
  endif()
  file(READ "${SOURCE_DIR}/${asset}" hex HEX)
  file(SHA256 "${SOURCE_DIR}/${asset}" hash)
  string(SUBSTRING "${hash}" 0 16 hash)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  get_filename_component(path "/${asset}" NAME)
  string(PREPEND path "/")
  if(asset STREQUAL "index.html")
    set(path "/")
  endif()
  string(APPEND arrays "constexpr unsigned char kBytes${number}[] = {${bytes}};\n")
  string(APPEND rows "    {\"${path}\", \"${types_${extension}}\", \"\\\"${hash}\\\"\", kBytes${number}},\n")
  math(EXPR number "${number} + 1")
endforeach()

file(WRITE "${OUTPUT}.new" "// Made by server/page/embed.cmake from the files beside it.
#include \"server/page/page_assets.h\"

namespace tagswell {
namespace {

${arrays}
constexpr PageAsset kAssets[] = {
${rows}};

}  // namespace

std::span<const PageAsset> PageAssets() { return kAssets; }

}  // namespace tagswell
")
file(RENAME "${OUTPUT}.new" "${OUTPUT}")
