// Our own posts, where another format's parser reads them: in the data of CloudEvents. Bodies of them are PostParser's.
#pragma once

#include "proto/formats/format_reader.h"
#include "proto/post_reader.h"

namespace tagswell {

class TagswellReader final : public FormatReader {
 public:
  using FormatReader::FormatReader;

 private:
  bool ReadDocument(DocumentReader::Object document) override {
    return ReadPost(document, json_.may_hold_escapes(), batch_.options().depth_max - 1, batch_.post());
  }
  void TellDocument(std::uint64_t line) override { batch_.Add(line); }
};

}  // namespace tagswell
