// Every stored form that storage/ reads back, fed with arbitrary bytes: it must answer or refuse, nothing else.
#include <xxhash.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "proto/trend_event.h"
#include "storage/block_format.h"
#include "storage/history_cell.h"
#include "storage/key_page.h"
#include "storage/spellings.h"

namespace {

// Gives the bytes the checksum that they would have had, so that what is behind it is reached.
std::string Sealed(std::string_view bytes, std::uint64_t seq) {
  constexpr std::size_t kChecksumAt = 36;
  constexpr std::size_t kHeaderBytes = 44;
  std::string sealed(bytes);
  if (sealed.size() < kHeaderBytes) return sealed;
  sealed[0] = 2;
  const std::uint64_t header = XXH3_64bits_withSeed(sealed.data(), kChecksumAt, seq);
  const std::uint64_t sum = XXH3_64bits_withSeed(sealed.data() + kHeaderBytes, sealed.size() - kHeaderBytes, header);
  std::memcpy(sealed.data() + kChecksumAt, &sum, sizeof(sum));
  return sealed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tagswell;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);

  if (const auto block = DecodeBlock(BlockSeq{7}, Sealed(bytes, 7)); block) {
    std::string again;
    EncodeBlock(*block, {}, again);
    if (DecodeBlock(BlockSeq{7}, again)->records != block->records) __builtin_trap();
  }

  HistoryCell cell;
  if (cell.AddStored(bytes)) {
    std::string once;
    cell.Encode(once);
    HistoryCell second;
    std::string twice;
    if (!second.AddStored(once)) __builtin_trap();
    second.Encode(twice);
    if (once != twice) __builtin_trap();
  }

  Spellings spellings;
  if (spellings.AddStored(bytes)) {
    std::string out;
    spellings.Encode(out);
    if (!Spellings().AddStored(out)) __builtin_trap();
  }

  if (const auto board = DecodeBoard(bytes, "world"); board) {
    const std::string once = EncodeBoard(*board);
    if (EncodeBoard(*DecodeBoard(once, "world")) != once) __builtin_trap();
  }

  std::vector<KeyEntry> entries;
  (void)DecodeKeyPage(bytes, entries);
  (void)FindInKeyPage(bytes, {.high = size, .low = 0});
  return 0;
}
