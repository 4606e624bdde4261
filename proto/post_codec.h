// A post as bytes: one record of a log block. The byte layout is described in docs/storage-format.md.
//
// A record is self-delimiting. kPost holds everything of a Post. kRetraction holds the same post: what every
// counter has to subtract. kHole marks a post that was erased; it keeps its place so that positions stay valid.
// kControl is no post: an operator's word on how the posts behind it are judged.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "proto/alias_change.h"
#include "proto/block_change.h"
#include "proto/error.h"
#include "proto/post.h"
#include "proto/review_change.h"

namespace tagswell {

enum class RecordKind : unsigned char { kHole = 0, kPost = 1, kRetraction = 2, kControl = 3 };

struct Record {
  RecordKind kind = RecordKind::kHole;
  // Views into the bytes that were decoded.
  Post post;                                // of kPost and kRetraction, else empty
  BlockChange change = {};                  // of a kControl about a block, else empty
  std::optional<AliasChange> alias = {};    // of a kControl about an alias
  std::optional<ReviewChange> review = {};  // of a kControl about what is shown
};

// Appends one record to `out`. O(size of the post). `kind` is not kControl.
void EncodeRecord(RecordKind kind, const Post& post, std::string& out);

// Appends a kControl record.
void EncodeControl(const BlockChange& change, std::string& out);
void EncodeControl(const AliasChange& change, std::string& out);
void EncodeControl(const ReviewChange& change, std::string& out);

// Decodes the record at the front of `bytes` into `record` (its mentions vector is reused) and returns its size in
// bytes. Never reads past `bytes`. Error: corrupt_record.
std::expected<std::size_t, Error> DecodeRecord(std::string_view bytes, Record& record);

// The stored form of a post as clients see it: one JSON object with the fields of docs/api.md and "topics".
std::string PostToJson(const Post& post);

}  // namespace tagswell
