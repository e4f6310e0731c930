extension NationTable {
    /// Names of Slovenia, Sweden, Türkiye, United States.
    static let svnToUsa: [Row] = [
        Row(
            "SVN", "Slovenia",
            male: """
                Luka,Jakob,Filip,Žan,Matej,Rok,Andrej,Miha,Franc,Janez,Anton,Jožef,Marjan,Peter,Milan,Tomaž,Bojan,\
                Robert,Matjaž,Gregor,Boris,Igor,David,Uroš,Simon,Blaž,Štefan,Drago,Darko,Nejc,Žiga,Jernej,\
                Aleksander,Roman,Matic,Tadej,Slavko,Mirko,Janko,Miroslav,Borut,Damjan,Stanko,Anže,Danijel,Mihael,\
                Jaka,Marijan,Alen,Viktor,Sašo,Iztok,Tilen,Pavel,Edvard,Zdravko,Danilo,Rajko,Ludvik,Frančišek,Bogdan,\
                Samo,Leon,Dragan,Josip,Nik,Sandi,Benjamin,Albin,Franci,Sebastjan,Leopold,Kristjan,Damijan,Viljem,\
                Vincenc,Željko,Aljoša,Karel,Dominik,Miloš,Franjo,Valentin,Davorin,Timotej,Ladislav,Mark,Nikola,\
                Bogomir,Vlado,Karl,Grega,Stjepan,Kristijan,Ernest,Maksimiljan,Sebastijan,Aleksandar,Ivo,Rado
                """,
            female: """
                Zala,Nika,Eva,Ana,Maja,Nina,Tjaša,Mojca,Marija,Irena,Jožefa,Nataša,Jožica,Barbara,Andreja,Katja,\
                Sonja,Katarina,Tatjana,Anja,Tanja,Martina,Tina,Angela,Urška,Anica,Kristina,Nada,Olga,Darja,Marjeta,\
                Ljudmila,Simona,Sara,Zdenka,Alojzija,Suzana,Marta,Sabina,Silva,Štefanija,Stanislava,Darinka,Neža,\
                Brigita,Aleksandra,Pavla,Cvetka,Nevenka,Monika,Natalija,Slavica,Branka,Jasmina,Vera,Saša,Maša,\
                Lucija,Tamara,Bernarda,Klavdija,Erika,Mira,Jasna,Kaja,Jelka,Polona,Valerija,Sandra,Tadeja,Valentina,\
                Mihaela,Albina,Breda,Sanja,Teja,Zofija,Ksenija,Laura,Patricija,Magdalena,Viktorija,Maruša,Vanja,\
                Justina,Nuša,Melita,Ljubica,Marica,Gordana,Marinka,Nadja,Milka,Urša,Damjana,Hana,Marijana,Julija,\
                Nastja,Milica
                """,
            surnames: """
                Novak,Horvat,Kovačič,Krajnc,Zupančič,Potočnik,Kovač,Mlakar,Kos,Vidmar,Golob,Turk,Božič,Zupan,Korošec,\
                Bizjak,Hribar,Kotnik,Rozman,Petek,Kastelic,Kolar,Hočevar,Žagar,Košir,Koren,Klemenčič,Zajc,Medved,Knez,\
                Zupanc,Pirc,Hrovat,Pavlič,Kuhar,Lah,Zorko,Sever,Majcen,Jerman,Babič,Tomažič,Erjavec,Jereb,Kranjc,\
                Rupnik,Perko,Lesjak,Breznik,Pečnik,Pavlin,Dolenc,Vidic,Furlan,Logar,Tomšič,Jenko,Janežič,Ribič,\
                Žnidaršič,Černe,Maček,Lešnik,Fras,Marolt,Jelen,Gregorič,Blatnik,Pintar,Mihelič,Kokalj,Bezjak,Leban,\
                Cerar,Čeh,Jug,Vidovič,Rus,Kobal,Primožič,Kocjančič,Dolinar,Lazar,Kolenc,Nemec,Kolarič,Lavrič,Kodrič,\
                Kosi,Mrak,Debeljak,Tavčar,Žižek,Krivec,Zver,Likar,Žibert,Jarc,Vodopivec,Kramberger,Miklavčič,Skok,\
                Toplak,Petrovič,Hribernik,Leskovar,Stopar,Simonič,Blažič,Eržen,Sitar,Gorenc,Železnik,Šinkovec,Jamnik,\
                Javornik,Bukovec,Hozjan,Ramšak,Filipič,Kočevar,Demšar,Volk,Gomboc,Čuk,Ilić,Kokol,Bregar,Sušnik,\
                Pintarič,Gorjup,Jovanović,Mavrič,Kramar,Lebar,Rutar,Koželj,Popović,Rajh,Hodžić,Rožman,Resnik,Šmid,\
                Kumer,Godec,Bergant,Pogačnik,Zemljič,Hafner,Tratnik,Rožič,Cvetko,Ambrožič,Bevc,Mlinarič
                """),
        Row(
            "SWE", "Sweden",
            male: """
                William,Lucas,Oscar,Erik,Gustav,Johan,Anders,Viktor,Lars,Karl,Per,Carl,Nils,Mikael,Jan,Peter,Hans,\
                Olof,Lennart,Gunnar,Fredrik,Sven,Daniel,Alexander,Bo,Bengt,Andreas,Göran,Magnus,Martin,Åke,Stefan,\
                John,Mats,Thomas,Björn,Ulf,Jonas,Henrik,Axel,Leif,David,Emil,Robert,Christer,Bertil,Arne,Håkan,\
                Ingemar,Mattias,Kjell,Stig,Rolf,Oskar,Michael,Patrik,Tommy,Simon,Joakim,Christian,Sebastian,Anton,\
                Roland,Marcus,Roger,Eric,Gustaf,Hugo,Tomas,Elias,Adam,Ingvar,Tobias,Johannes,Olov,Niklas,Emanuel,\
                Kent,Robin,Ali,Filip,Ove,Jörgen,Arvid,Wilhelm,Kenneth,Oliver,Rune,Linus,Albin,Olle,Jonathan,Gösta,\
                Henry,Dan,Rickard,Gabriel,Samuel,Harry,Max
                """,
            female: """
                Alice,Maja,Elsa,Ebba,Astrid,Karin,Linnea,Anna,Maria,Elisabeth,Margareta,Eva,Kristina,Birgitta,Marie,\
                Elisabet,Ingrid,Christina,Sofia,Linnéa,Lena,Helena,Kerstin,Emma,Marianne,Johanna,Sara,Cecilia,Inger,\
                Elin,Louise,Ida,Anita,Linda,Susanne,Hanna,Gunilla,Malin,Katarina,Viola,Jenny,Ulla,Carina,Julia,\
                Monica,Ulrika,Annika,Viktoria,Amanda,Irene,Åsa,Matilda,Therese,Lovisa,Barbro,Camilla,Ann,Caroline,\
                Yvonne,Lisa,Agneta,Siv,Charlotte,Sandra,Sofie,Frida,Britt,Anette,Ellen,Emilia,Emelie,Alexandra,\
                Olivia,Victoria,Margaretha,Ingegerd,Gun,Erika,Jessica,Agnes,Charlotta,Anneli,Berit,Ella,Märta,\
                Madeleine,Inga,Pia,Felicia,Signe,Josefin,Mona,Lina,Karolina,Magdalena,Stina,Helen,Alva,Sonja,\
                Ingeborg
                """,
            surnames: """
                Andersson,Johansson,Karlsson,Nilsson,Eriksson,Larsson,Olsson,Persson,Svensson,Gustafsson,Pettersson,\
                Lindberg,Jonsson,Jansson,Hansson,Carlsson,Bengtsson,Jönsson,Petersson,Magnusson,Lindström,Lindgren,\
                Gustavsson,Olofsson,Axelsson,Bergström,Lundberg,Berg,Lundgren,Berglund,Jakobsson,Sandberg,Ali,\
                Fredriksson,Mattsson,Forsberg,Sjöberg,Lind,Henriksson,Lindqvist,Engström,Eklund,Lundin,Holm,\
                Danielsson,Bergman,Håkansson,Wallin,Gunnarsson,Björk,Samuelsson,Nyström,Holmberg,Lundqvist,Fransson,\
                Ahmed,Söderberg,Nyberg,Johnsson,Arvidsson,Isaksson,Nordström,Lundström,Björklund,Mårtensson,\
                Berggren,Eliasson,Sandström,Nordin,Mohamed,Ström,Ekström,Åberg,Holmgren,Hermansson,Hedlund,Sjögren,\
                Sundberg,Dahlberg,Falk,Ek,Blom,Öberg,Hellström,Strömberg,Martinsson,Lindholm,Dahl,Månsson,Blomqvist,\
                Ibrahim,Löfgren,Hassan,Jensen,Abrahamsson,Norberg,Åström,Sundström,Åkesson,Nyman,Söderström,Palm,\
                Hansen,Lund,Bergqvist,Jonasson,Borg,Rosén,Ivarsson,Möller,Andreasson,Englund,Lindblom,Ekman,\
                Hallberg,Göransson,Sjöström,Strand,Lindahl,Stenberg,Davidsson,Josefsson,Friberg,Bäckström,Lilja,\
                Hedberg,Söderlund,Boström,Ottosson,Skoglund,Nygren,Holmström,Roos,Strandberg,Wikström,Höglund,\
                Björkman,Adolfsson,Malm,Nielsen,Lindén,Börjesson,Erlandsson,Edlund,Franzén,Moberg,Norén,Haglund,\
                Melin,Claesson,Hussein,Aronsson,Nguyen,Dahlgren,Ericsson,Johannesson,Dahlström,Östlund,Alm,Blomberg
                """),
        Row(
            "TUR", "Türkiye",
            male: """
                Mehmet,Mustafa,Ahmet,Ali,Hüseyin,Hasan,İbrahim,İsmail,Osman,Yusuf,Murat,Ömer,Ramazan,Halil,Süleyman,\
                Abdullah,Mahmut,Recep,Salih,Fatih,Kadir,Emre,Mehmet Ali,Hakan,Adem,Kemal,Yaşar,Bekir,Musa,Metin,\
                Bayram,Orhan,Serkan,Furkan,Burak,Gökhan,Uğur,Yunus,Enes,Arif,Ercan,Serdar,Yasin,Onur,Volkan,Sinan,\
                Cengiz,Selim,Selçuk,Tolga,Barış,Erkan,Özgür,Umut,Kaan,Cem,Can,Berk,Eren,Deniz,Engin,Erdal,Ferhat,\
                Hamza,İlker,Kerem,Levent,Mert,Oğuz,Okan,Oktay,Rıza,Sedat,Şahin,Taner,Tarık,Tuncay,Turgut,Veli,Vedat,\
                Yavuz,Zafer,Bülent,Cemal,Cihan,Doğan,Efe,Emin,Ender,Erol,Fikret,Haluk,Nihat,Nuri,Seyfullah,Cavit,Eşref
                """,
            female: """
                Fatma,Ayşe,Emine,Hatice,Zeynep,Elif,Meryem,Şerife,Zehra,Sultan,Hanife,Merve,Havva,Zeliha,Esra,Fadime,\
                Özlem,Hacer,Melek,Yasemin,Hülya,Cemile,Sevim,Gülsüm,Leyla,Dilek,Büşra,Aysel,Songül,Kübra,Halime,Esma,\
                Aynur,Hayriye,Kadriye,Tuğba,Sevgi,Rabia,Derya,Filiz,Nurcan,Türkan,Seda,Ebru,Sibel,Pınar,Gamze,Burcu,\
                Arzu,Gül,Gülay,Nuray,Sevda,Selin,Ceren,Ezgi,Gizem,Tuba,Yeliz,Aslı,Bahar,Betül,Canan,Çiğdem,Damla,\
                Demet,Didem,Duygu,Ece,Eda,Ela,Feride,Fidan,Gökçe,Gönül,Güler,Hande,İrem,Kevser,Lale,Mine,Müge,Nazlı,\
                Nermin,Neslihan,Nesrin,Nilgün,Nur,Özge,Perihan,Reyhan,Saliha,Sema,Serap,Sinem,Şule,Tülay,Ümran,Zuhal,\
                Evrim,Hümeyra,Azize
                """,
            surnames: """
                Yılmaz,Kaya,Demir,Çelik,Şahin,Yıldız,Yıldırım,Öztürk,Aydın,Özdemir,Arslan,Doğan,Kılıç,Aslan,Çetin,\
                Kara,Koç,Kurt,Özkan,Şimşek,Polat,Korkmaz,Özcan,Çakır,Erdoğan,Yavuz,Can,Acar,Aktaş,Avcı,Aksoy,Özer,Şen,\
                Balcı,Bozkurt,Uysal,Toprak,Sönmez,Özkaya,Tunç,Yalçınkaya,Türkmen,Tosun,Ergin,Ateş,Bulut,Demirci,Duman,\
                Durmaz,Ekinci,Erdem,Güler,Güneş,Işık,Kaplan,Karaca,Keskin,Köse,Sarı,Taş,Tekin,Turan,Uçar,Ünal,Yalçın,\
                Yaman,Türk,Yorulmaz,Aksu,Akçay,Akar,Bilir,Bilgin,Yüksel,Eraslan,Ergül,Arsoy,Seven,Şafak,Dumanlı,Ertaş,\
                Güçlü,Soylu,Zorlu,Fırat,Duran,Durmuş,Durdu,Zengin,Mansız,Şener,Şensoy,Ülker,Tarhan,Sezer,Demirel,Gül,\
                Sezgin,Karadeniz,Akdeniz,Bilge,Akgündüz,Akça
                """),
        Row(
            "USA", "United States",
            male: """
                James,Michael,Robert,John,David,William,Christopher,Joshua,Matthew,Daniel,Joseph,Brian,Jason,Mark,\
                Thomas,Kevin,Richard,Anthony,Andrew,Steven,Timothy,Jeffrey,Eric,Ryan,Charles,Scott,Justin,Nicholas,\
                Jonathan,Brandon,Paul,Kenneth,Jacob,Gregory,Stephen,Patrick,Adam,Aaron,Benjamin,Kyle,Jeremy,Tyler,\
                Zachary,Ronald,Edward,Donald,Sean,Jose,Alexander,Nathan,Gary,Samuel,Keith,Bryan,Douglas,Shawn,\
                George,Peter,Todd,Travis,Jesse,Chad,Bradley,Austin,Larry,Cody,Raymond,Jordan,Craig,Dennis,Frank,\
                Juan,Jerry,Christian,Derek,Dustin,Randy,Terry,Phillip,Troy,Carlos,Jeffery,Marcus,Jared,Joel,Shane,\
                Tony,Vincent,Corey,Luis,Antonio,Alan,Victor,Dylan,Philip,Brett,Rodney,Curtis,Johnny,Alex
                """,
            female: """
                Mary,Jennifer,Jessica,Ashley,Emily,Sarah,Amanda,Elizabeth,Lisa,Kimberly,Michelle,Melissa,Stephanie,\
                Amy,Angela,Nicole,Heather,Laura,Rebecca,Karen,Kelly,Susan,Rachel,Christina,Patricia,Julie,Samantha,\
                Megan,Cynthia,Christine,Brittany,Lauren,Amber,Andrea,Danielle,Tiffany,Maria,Katherine,Tammy,Sandra,\
                Linda,Crystal,Lori,Shannon,Pamela,Brenda,Donna,Sara,Erin,Deborah,Victoria,Tina,Jamie,Teresa,\
                Kathleen,Nancy,Dawn,Tracy,Courtney,Barbara,Jacqueline,Sharon,Anna,Kayla,Denise,April,Catherine,\
                Kristen,Erica,Monica,Hannah,Kathryn,Cheryl,Debra,Robin,Wendy,Taylor,Margaret,Vanessa,Alicia,Allison,\
                Diana,Natalie,Kristin,Leslie,Michele,Theresa,Holly,Alexis,Melanie,Dana,Cindy,Julia,Jill,Alyssa,\
                Valerie,Tara,Stacy,Diane,Katie
                """,
            surnames: """
                Smith,Johnson,Williams,Brown,Jones,Garcia,Miller,Davis,Rodriguez,Martinez,Hernandez,Lopez,Wilson,\
                Anderson,Taylor,Thomas,Moore,Martin,Jackson,Thompson,White,Lee,Gonzalez,Harris,Clark,Lewis,Robinson,\
                Walker,Perez,Hall,Young,Allen,Sanchez,Wright,King,Scott,Green,Baker,Adams,Nelson,Hill,Ramirez,\
                Campbell,Mitchell,Roberts,Carter,Phillips,Evans,Turner,Torres,Parker,Collins,Edwards,Stewart,Flores,\
                Morris,Nguyen,Murphy,Rivera,Cook,Rogers,Morgan,Peterson,Cooper,Reed,Bailey,Bell,Gomez,Kelly,Howard,\
                Ward,Cox,Diaz,Richardson,Wood,Watson,Brooks,Bennett,Gray,James,Reyes,Cruz,Hughes,Price,Myers,Long,\
                Foster,Sanders,Ross,Morales,Powell,Sullivan,Russell,Ortiz,Jenkins,Gutierrez,Perry,Butler,Barnes,\
                Fisher,Henderson,Coleman,Simmons,Patterson,Jordan,Reynolds,Hamilton,Graham,Kim,Gonzales,Alexander,\
                Ramos,Wallace,Griffin,West,Cole,Hayes,Chavez,Gibson,Bryant,Ellis,Stevens,Murray,Ford,Marshall,Owens,\
                McDonald,Harrison,Ruiz,Kennedy,Wells,Alvarez,Woods,Mendoza,Castillo,Olson,Webb,Washington,Tucker,\
                Freeman,Burns,Henry,Vasquez,Snyder,Simpson,Crawford,Jimenez,Porter,Mason,Shaw,Gordon,Wagner,Hunter,\
                Romero,Hicks,Dixon,Hunt,Palmer,Robertson,Black
                """),
    ]
}
