import FluxJSON

/// Text, canonical text.
let accepted: [(String, String)] = [
    ("null", "null"), (" true\n", "true"), ("\tfalse\r", "false"), ("0", "0"), ("-0", "0"),
    ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
    ("0.0", "0.0"), ("-0.0", "-0.0"), ("1.0", "1.0"), ("1e0", "1.0"), ("1E+2", "100.0"), ("0.1", "0.10000000000000001"),
    ("1.5", "1.5"), ("1552593348.073045", "1552593348.073045"), ("1605115080.0359824", "1605115080.0359824"),
    ("1e15", "1000000000000000.0"), ("1e16", "10000000000000000.0"), ("1e17", "1e17"), ("1e20", "1e20"),
    ("0.0001", "0.0001"), ("0.00001", "1.0000000000000001e-5"), ("1e-7", "9.9999999999999995e-8"),
    ("1e-400", "0.0"), ("5e-324", "4.9406564584124654e-324"), ("1.7976931348623157e308", "1.7976931348623157e308"),
    ("0.99999999999999999999", "1.0"), ("9007199254740993.0", "9007199254740992.0"),
    ("\"\"", "\"\""), (#""\"\\\/\b\f\n\r\t""#, #""\"\\/\b\f\n\r\t""#), (#""\u0041\u00e9\u65e5\ud83d\ude00""#, "\"Aé日😀\""),
    (#""\u0000\u001F\u007f""#, "\"\\u0000\\u001F\u{7f}\""), ("\"plain text longer than eight bytes\"", "\"plain text longer than eight bytes\""),
    ("[]", "[]"), ("[ ]", "[]"), ("[1 , 2]", "[1,2]"), ("{}", "{}"), ("{ }", "{}"), ("{\"b\":1,\"a\":2}", "{\"b\":1,\"a\":2}"),
    ("{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}"), (#"{"a":1,"\u0061":2}"#, "{\"a\":2}"), (#"{"\u0061":1,"a":2}"#, "{\"a\":2}"),
    ("{\"\":{\"\":[]}}", "{\"\":{\"\":[]}}"),
]

/// Text, reason, offset.
let refused: [(String, JSON.ParseError.Reason, Int)] = [
    ("", .unexpectedEnd, 0), ("  ", .unexpectedEnd, 2), ("nul", .unexpectedEnd, 3), ("nulL", .unexpectedByte(0x4c), 3),
    ("True", .unexpectedByte(0x54), 0), ("1 2", .trailingBytes, 2), ("1\0", .trailingBytes, 1), ("\u{feff}1", .unexpectedByte(0xef), 0),
    ("01", .invalidNumber, 0), ("-01", .invalidNumber, 1), ("-", .unexpectedEnd, 1), ("+1", .unexpectedByte(0x2b), 0),
    ("1.", .unexpectedEnd, 2), (".5", .unexpectedByte(0x2e), 0), ("1e", .unexpectedEnd, 2), ("1e+", .unexpectedEnd, 3),
    ("1.e1", .unexpectedByte(0x65), 2), ("0x10", .trailingBytes, 1), ("NaN", .unexpectedByte(0x4e), 0), ("-Infinity", .unexpectedByte(0x49), 1),
    ("9223372036854775808", .integerOutOfRange, 0), ("-9223372036854775809", .integerOutOfRange, 0),
    ("[18446744073709551616]", .integerOutOfRange, 1), ("1e400", .realOutOfRange, 0), ("-1e999999999999999999999", .realOutOfRange, 0),
    ("\"", .unexpectedEnd, 1), ("\"\\", .unexpectedEnd, 2), ("\"\\u12", .unexpectedEnd, 5), (#""\x""#, .invalidEscape, 1), (#""\u12g4""#, .invalidEscape, 1),
    (#""\ud83d""#, .loneSurrogate, 1), (#""\ude00""#, .loneSurrogate, 1), (#""\ud83d\u0041""#, .loneSurrogate, 1),
    ("\"a\nb\"", .controlCharacter, 2), ("\"\\t\t\"", .controlCharacter, 3), ("'a'", .unexpectedByte(0x27), 0),
    ("[", .unexpectedEnd, 1), ("[1", .unexpectedEnd, 2), ("[1,", .unexpectedEnd, 3), ("[1,]", .unexpectedByte(0x5d), 3), ("[1 2]", .unexpectedByte(0x32), 3),
    ("]", .unexpectedByte(0x5d), 0), ("[1}", .unexpectedByte(0x7d), 2), ("{", .unexpectedEnd, 1), ("{\"a\"", .unexpectedEnd, 4), ("{\"a\" 1}", .unexpectedByte(0x31), 5),
    ("{\"a\":1,}", .unexpectedByte(0x7d), 7), ("{a:1}", .unexpectedByte(0x61), 1), ("{1:1}", .unexpectedByte(0x31), 1), ("{,}", .unexpectedByte(0x2c), 1),
    ("// c\n1", .unexpectedByte(0x2f), 0),
]

/// Bytes inside a string, offset of the first wrong one.
let brokenUTF8: [([UInt8], Int)] = [
    ([0x80], 0), ([0x61, 0xff], 1), ([0xc0, 0x80], 0), ([0xc3], 0), ([0xc3, 0x28], 0), ([0xe0, 0x80, 0x80], 0),
    ([0xed, 0xa0, 0x80], 0), ([0xf4, 0x90, 0x80, 0x80], 0), ([0xf5, 0x80, 0x80, 0x80], 0), ([0xc3, 0xa9, 0xe6, 0x97], 2),
]
