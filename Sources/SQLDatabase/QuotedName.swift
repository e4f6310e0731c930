extension String {
    /// The name in double quotes, as both engines read it.
    package var quotedName: String {
        var text = "\""
        for scalar in unicodeScalars {
            if scalar == "\"" { text += "\"" }
            text.unicodeScalars.append(scalar)
        }
        return text + "\""
    }

    /// The name that a token of PostgreSQL stands for, in double quotes or not.
    var unquotedName: String {
        let scalars = Array(unicodeScalars)
        guard scalars.count > 1, scalars.first == "\"" else { return ObjectName(self).folded }
        var name = ""
        var index = 1
        while index < scalars.count - 1 {
            name.unicodeScalars.append(scalars[index])
            index += scalars[index] == "\"" ? 2 : 1
        }
        return name
    }
}
