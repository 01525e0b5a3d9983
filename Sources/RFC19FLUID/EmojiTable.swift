/// The 576 emoji of the emoji encoding; the position of an emoji is its value.
///
/// Each is one Unicode scalar of four bytes in UTF-8 that begin with f0 9f.
/// Source: RFC 19, the table of its section on the emoji encoding.
enum EmojiTable {
    /// Number of emoji, the base of the encoding.
    static let count: UInt64 = 576
    /// Bytes of one emoji.
    static let width = 4

    /// Emoji in a line of ``text``, which ends with a newline.
    private static let lineCount = 36

    /// Writes the emoji of a value, four bytes, in front of `end`.
    @inline(__always)
    static func write(_ value: Int, before end: UnsafeMutablePointer<UInt8>) {
        let place = text.utf8Start + (value &* width &+ value / lineCount)
        UnsafeMutableRawPointer(end - width).copyMemory(from: place, byteCount: width)
    }

    /// The value of the emoji that begins at `place`, which has four bytes; nil when it is not in the table.
    static func value(at place: UnsafePointer<UInt8>) -> UInt64? {
        guard place[0] == 0xf0, place[1] == 0x9f, place[2] & 0xc0 == 0x80, place[3] & 0xc0 == 0x80 else { return nil }
        let value = values[Int(place[2] & 63) << 6 | Int(place[3] & 63)]
        return value < count ? UInt64(value) : nil
    }

    /// The value for each of the 4096 ends that an emoji can have, 0xffff where there is none.
    private static let values: [UInt16] = {
        var values = [UInt16](repeating: 0xffff, count: 4096)
        for value in 0..<Int(count) {
            let place = text.utf8Start + (value * width + value / lineCount)
            values[Int(place[2] & 63) << 6 | Int(place[3] & 63)] = UInt16(value)
        }
        return values
    }()

    private static let text: StaticString = """
        😃😄😁😆😅😂😉😊😍😘😚😋😜😝😏😒😌😔😪😷😵😲😳😨😰😥😢😭😱😖😣😞😓😩😫😤
        😡😠👿💀💩👹👺👻👽👾😺😸😹😻😼😽🙀😿😾🙈🙉🙊💌💘💝💖💗💓💞💕💟💔💛💚💙💜
        💋💯💢💥💫💦💨💬💤👋👌👈👉👆👇👍👎👊👏🙌👐🙏💅💪👂👃👀👅👄👶👦👧👱👨👩👴
        👵🙍🙎🙅🙆💁🙋🙇👮💂👷👸👳👲👰👼🎅💆💇🚶🏃💃👯🏂🏄🏊🛀👫💏💑👪👤👣🐵🐒🐶
        🐩🐺🐱🐯🐴🐎🐮🐷🐗🐽🐑🐫🐘🐭🐹🐰🐻🐨🐼🐾🐔🐣🐤🐥🐦🐧🐸🐢🐍🐲🐳🐬🐟🐠🐡🐙
        🐚🐌🐛🐜🐝🐞💐🌸💮🌹🌺🌻🌼🌷🌱🌴🌵🌾🌿🍀🍁🍂🍃🍄🍇🍈🍉🍊🍌🍍🍎🍏🍑🍒🍓🍅
        🍆🌽🌰🍞🍖🍗🍔🍟🍕🍳🍲🍱🍘🍙🍚🍛🍜🍝🍠🍢🍣🍤🍥🍡🍦🍧🍨🍩🍪🎂🍰🍫🍬🍭🍮🍯
        🍵🍶🍷🍸🍹🍺🍻🍴🔪🌏🗾🌋🗻🏠🏡🏢🏣🏥🏦🏨🏩🏪🏫🏬🏭🏯🏰💒🗼🗽🌁🌃🌄🌅🌆🌇
        🌉🎠🎡🎢💈🎪🚃🚄🚅🚇🚉🚌🚑🚒🚓🚕🚗🚙🚚🚲🚏🚨🚥🚧🚤🚢💺🚀🕛🕐🕑🕒🕓🕔🕕🕖
        🕗🕘🕙🕚🌑🌓🌔🌕🌙🌛🌟🌠🌌🌀🌈🌂🔥💧🌊🎃🎄🎆🎇🎈🎉🎊🎋🎍🎎🎏🎐🎑🎀🎁🎫🏆
        🏀🏈🎾🎳🎣🎽🎿🎯🔫🎱🔮🎮🎰🎲🃏🀄🎴🎭🎨👓👔👕👖👗👘👙👚👛👜👝🎒👞👟👠👡👢
        👑👒🎩🎓💄💍💎🔊📢📣🔔🎼🎵🎶🎤🎧📻🎷🎸🎹🎺🎻📱📲📞📟📠🔋🔌💻💽💾💿📀🎥🎬
        📺📷📹📼🔍🔎💡🔦🏮📔📕📖📗📘📙📚📓📒📃📜📄📰📑🔖💰💴💵💸💳💹📧📨📩📤📥📦
        📫📪📮📝💼📁📂📅📆📇📈📉📊📋📌📍📎📏📐🔒🔓🔏🔐🔑🔨💣🔧🔩🔗📡💉💊🚪🚽🚬🗿
        🏧🚹🚺🚻🚼🚾🚫🚭🔞🔃🔙🔚🔛🔜🔝🔯🔼🔽🎦📶📳📴💱💲🔱📛🔰🔟🔠🔡🔢🔣🔤🆎🆑🆒
        🆓🆔🆕🆖🆗🆘🆙🆚🈁🈶🈯🉐🈹🈚🈲🉑🈸🈴🈳🈺🈵🔴🔵🔶🔷🔸🔹🔺🔻💠🔘🔳🔲🏁🚩🎌
        """
}
