/// Given names and surnames of the 32 NATO nations, the most usual first; see ``NameList`` for how they are written.
/// Lists of Faker (MIT, see NOTICE) after our own choice of the most usual, without its jokes, nicknames and misspellings.
enum NationTable {
    struct Row: Sendable {
        let code: String
        let name: String
        let male: String
        let female: String
        let surnames: String

        init(_ code: String, _ name: String, male: String, female: String, surnames: String) {
            self.code = code
            self.name = name
            self.male = male
            self.female = female
            self.surnames = surnames
        }
    }

    static let rows: [Row] =
        albToCan
        + czeToEsp
        + estToGbr
        + grcToIsl
        + itaToLva
        + mkdToNor
        + polToSvk
        + svnToUsa
}
