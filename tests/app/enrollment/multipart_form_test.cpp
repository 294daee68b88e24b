#include "app/enrollment/multipart_form.hpp"

#include <gmock/gmock.h>

#include "security/test_overlay.hpp"

namespace carillon::app {
namespace {

using security::fails_with;

constexpr const char* content_type = "multipart/form-data; boundary=xyz";

TEST(MultipartForm, WhatCurlSends) {
  const std::string octets("\0\r\n--xy\xff", 8);
  const std::string whole =
      "--xyz\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\nalice\r\n"
      "--xyz\r\nContent-Disposition: form-data; name=\"csr\"; filename=\"a;b.der\"\r\n"
      "Content-Type: application/pkcs10\r\n\r\n" +
      octets + "\r\n--xyz--\r\n";
  const auto read = MultipartForm::parse(content_type, whole).value();
  EXPECT_EQ(read.field("username")->content, "alice");
  EXPECT_EQ(read.field("csr")->content_type, "application/pkcs10");
  EXPECT_EQ(read.field("csr")->content, octets);
  EXPECT_EQ(read.field("password"), nullptr);
}

TEST(MultipartForm, IsReadAsItWasWritten) {
  MultipartForm form;
  form.add({.name = "a", .content = ""});
  form.add({.name = "b", .content_type = "x/y", .content = "\r\n\r\n--"});
  const auto read =
      MultipartForm::parse("Multipart/Form-Data; charset=x; Boundary=\"q;r\"", form.body("q;r"))
          .value();
  EXPECT_EQ(read.field("a")->content, "");
  EXPECT_EQ(read.field("b")->content, "\r\n\r\n--");
  EXPECT_EQ(read.field("b")->content_type, "x/y");
}

TEST(MultipartForm, APreambleDoesNotCount) {
  EXPECT_TRUE(MultipartForm::parse(
      content_type, "hello\r\n--xyz\r\ncontent-disposition: x; name=a\r\n\r\n1\r\n--xyz--"));
}

TEST(MultipartForm, OtherTypesAreRefused) {
  for (const char* type : {"", "text/plain", "multipart/form-data",
                           "multipart/form-data; boundary=", "multipart/form-data; boundary=\"x",
                           "multipart/mixed; boundary=xyz"}) {
    EXPECT_TRUE(fails_with(MultipartForm::parse(type, "--xyz--"), ErrorCode::malformed)) << type;
  }
}

TEST(MultipartForm, WhatIsMalformedIsRefused) {
  const std::string head = "--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n";
  for (const std::string& body :
       {std::string{}, std::string("x"), std::string("--xyz"), std::string("--xyz\r\n"), head,
        head + "--xyz", head + head + "--xyz--", std::string("--xyz\r\n\r\n\r\n--xyz--"),
        std::string("--xyz\r\nno header\r\n\r\n1\r\n--xyz--"),
        std::string("--xyz\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n1\r\n--xyz--")}) {
    EXPECT_TRUE(fails_with(MultipartForm::parse(content_type, body), ErrorCode::malformed)) << body;
  }
}

TEST(MultipartForm, TooManyFieldsAreRefused) {
  MultipartForm form;
  for (std::size_t i = 0; i <= MultipartForm::max_fields; ++i)
    form.add({.name = std::string(i + 1, 'n'), .content = "x"});
  EXPECT_TRUE(fails_with(MultipartForm::parse(content_type, form.body("xyz")), ErrorCode::malformed,
                         "too many"));
}

}  // namespace
}  // namespace carillon::app
