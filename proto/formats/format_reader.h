// What every platform's reader is to the parser. One document is read whole before any of it is told: what is malformed
// at its end leaves no trace.
#pragma once

#include <cstdint>

#include "proto/batch_builder.h"
#include "proto/formats/document_reader.h"

namespace tagswell {

class FormatReader {
 public:
  // `batch` outlives the reader.
  explicit FormatReader(BatchBuilder& batch) : batch_(batch) {}
  virtual ~FormatReader() = default;
  FormatReader(const FormatReader&) = delete;
  FormatReader& operator=(const FormatReader&) = delete;

  // Reads one document. False: it is malformed.
  bool Read(DocumentReader::Object document, bool may_hold_escapes);

  // Hands on what the last document said; errors name `line`. 0: the document is the body, a page's errors name its
  // elements, from 1. The document's text is still there.
  void Tell(std::uint64_t line);

  // Whether the last document was one that holds any number of posts.
  virtual bool is_page() const { return false; }

 protected:
  virtual bool ReadDocument(DocumentReader::Object document) = 0;
  virtual void TellDocument(std::uint64_t line) = 0;  // 0 for a page only

  BatchBuilder& batch_;
  DocumentReader json_;
};

}  // namespace tagswell
