extension NationTable {
    /// Names of Czechia, Germany, Denmark, Spain.
    static let czeToEsp: [Row] = [
        Row(
            "CZE", "Czechia",
            male: """
                Jakub,Jan,Tomáš,Adam,Matěj,Vojtěch,Ondřej,Petr,Albert,Alexander,Alexandr,Aleš,Alois,Antonín,Arnošt,\
                Artur,Bedřich,Blahoslav,Bohumil,Bohumír,Bohuslav,Boleslav,Břetislav,Ctibor,Ctirad,Dalibor,Daniel,\
                David,Denis,Dobroslav,Dominik,Drahoslav,Dušan,Eduard,Emil,Erik,Ferdinand,Filip,František,Horymír,\
                Hubert,Hynek,Ignác,Igor,Ivan,Ivo,Jaromír,Jaroslav,Jindřich,Jiří,Josef,Jozef,Ján,Kamil,Karel,Klement,\
                Kryštof,Ladislav,Leoš,Libor,Lubomír,Luboš,Ludvík,Luděk,Lukáš,Marcel,Marek,Marian,Martin,Matouš,\
                Matyáš,Michael,Michal,Mikuláš,Milan,Miloslav,Miloš,Miroslav,Mojmír,Oldřich,Otakar,Oto,Patrik,Pavel,\
                Peter,Přemysl,Radek,Radim,Radomír,Radoslav,Radovan,René,Robert,Robin,Roman,Rostislav,Rudolf,Samuel,\
                Stanislav,Slavomír
                """,
            female: """
                Eliška,Tereza,Anna,Adéla,Karolína,Natálie,Kristýna,Lucie,Agáta,Alena,Alexandra,Alice,Alžběta,Anděla,\
                Andrea,Aneta,Anežka,Apolena,Blanka,Blažena,Bohumila,Božena,Dagmar,Dana,Danuše,Denisa,Dita,Dominika,\
                Dorota,Drahomíra,Edita,Elena,Ema,Emilie,Erika,Eva,Evelína,Františka,Gabriela,Hana,Helena,Ilona,\
                Irena,Iva,Ivana,Iveta,Ivona,Jarmila,Jaroslava,Jindřiška,Jitka,Jiřina,Johana,Judita,Julie,Kamila,\
                Kateřina,Klaudie,Kristina,Květa,Květoslava,Lada,Ladislava,Leona,Libuše,Linda,Ludmila,Lýdie,\
                Magdaléna,Mahulena,Marcela,Marie,Markéta,Marta,Michaela,Milada,Milena,Miloslava,Miluše,Miroslava,\
                Mária,Naděžda,Nela,Nina,Nikol,Nora,Olivie,Olga,Otýlie,Patricie,Pavla,Petra,Radka,Renata,Renáta,\
                Romana,Růžena,Simona,Silvie,Slavěna
                """,
            surnames: """
                Novák/Nováková,Svoboda/Svobodová,Novotný/Novotná,Dvořák/Dvořáková,Černý/Černá,Procházka/Procházková,\
                Kučera/Kučerová,Veselý/Veselá,Horák/Horáková,Němec/Němcová,Marek/Marková,Pospíšil/Pospíšilová,\
                Bárta/Bártová,Bartoš/Bartošová,Bednář/Bednářová,Beneš/Benešová,Beran/Beranová,Beránek/Beránková,\
                Bílek/Bílková,Bláha/Bláhová,Blažek/Blažková,Brož/Brožová,Bureš/Burešová,Čech/Čechová,\
                Čermák/Čermáková,Doležal/Doležalová,Dostál/Dostálová,Dušek/Dušková,Fiala/Fialová,Fišer/Fišerová,\
                Hájek/Hájková,Havlíček/Havlíčková,Holub/Holubová,Horáček/Horáčková,Horváth/Horváthová,Hrubý/Hrubá,\
                Hruška/Hrušková,Janda/Jandová,Jaroš/Jarošová,Jelínek/Jelínková,Ježek/Ježková,Kadlec/Kadlecová,\
                Kašpar/Kašparová,Kolář/Kolářová,Konečný/Konečná,Kopecký/Kopecká,Kovář/Kovářová,Král/Králová,\
                Kratochvíl/Kratochvílová,Kraus/Krausová,Kříž/Křížová,Kubíček/Kubíčková,Liška/Lišková,Mach/Machová,\
                Macháček/Macháčková,Malý/Malá,Mareš/Marešová,Mašek/Mašková,Matějka/Matějková,Matoušek/Matoušková,\
                Moravec/Moravcová,Müller/Müllerová,Musil/Musilová,Navrátil/Navrátilová,Němeček/Němečková,\
                Pavlík/Pavlíková,Pokorný/Pokorná,Polák/Poláková,Růžička/Růžičková,Říha/Říhová,Sedláček/Sedláčková,\
                Sedlák/Sedláková,Slavík/Slavíková,Soukup/Soukupová,Stejskal/Stejskalová,Strnad/Strnadová,\
                Sýkora/Sýkorová,Ševčík/Ševčíková,Šimek/Šimková,Šmíd/Šmídová,Šťastný/Šťastná,Štěpánek/Štěpánková,\
                Švec/Švecová,Tichý/Tichá,Toman/Tomanová,Tůma/Tůmová,Urban/Urbanová,Vacek/Vacková,Valenta/Valentová,\
                Vávra/Vávrová,Vítek/Vítková,Vlček/Vlčková,Zeman/Zemanová,Žák/Žáková
                """),
        Row(
            "DEU", "Germany",
            male: """
                Lukas,Leon,Maximilian,Felix,Paul,Jonas,Tim,Alexander,Abbas,Adam,Alan,Aleksandr,Alexej,Aloys,Andree,\
                Andy,Antonino,Arndt,Artur,Balthasar,Benjamin,Bernhard,Björn,Burkard,Carmelo,Christian,Claus-Dieter,\
                Curt,Danny,Detlev,Dietrich,Domenico,Eberhardt,Edgar,Ehrenfried,Emil,Ercan,Erkan,Evangelos,Folkert,\
                Franz,Frederik,Friedhelm,Gabriel,Gerard,Gernot,Giovanni,Gotthold,Giuseppe,Günter,Hans Jörg,\
                Hans-Dietrich,Hans-Günther,Hans-Michael,Hans-Walter,Hansjürgen,Hartmut,Heiner,Heinz-Georg,\
                Heinz-Walter,Helmar,Henryk,Hinrich,Hubertus,Ilhan,Ingolf,Iwan,Jann,Jerzy,Johann,Josef,Julian,Jörn,\
                Karl-Ernst,Karl-Ludwig,Kasimir,Kilian,Klaus-Michael,Konstantin,Kurt,Lorenz,Luis,Manuel,Mario,Marvin,\
                Maurizio,Meinolf,Miguel,Miroslav,Mustafa,Niels,Nils,Orhan,Othmar,Pasquale,Pavel,Petros,Pius
                """,
            female: """
                Anna,Lena,Lea,Sophie,Laura,Marie,Julia,Katharina,Adele,Adriane,Albertine,Alida,Alwina,Andrea,Anica,\
                Anne-Kathrin,Annelene,Annemie,Anny,Arzu,Aysel,Belinda,Betti,Birgitta,Brita,Canan,Carola,Catrin,\
                Christiana,Cindy,Constanze,Cristina,Danica,Diana,Doreen,Dragica,Edeltrud,Eleni,Elisabet,Ellinor,\
                Erika,Eva,Evelyne,Felicitas,Frieda,Gabriella,Gerdi,Gertrud,Gina,Gloria,Gudrun,\
                Gönül,Hannchen,Hedwig,Heidi,Helma,Hermine,Hildegund,Ida,Ines,Ingrid,Irina,Irmingard,Isabelle,Jane,\
                Jaqueline,Jenny,Jolanta,Juliane,Karla,Katerina,Kati,Klaudia,Kreszenz,Kunigunda,Leopoldine,Liesbeth,\
                Lilli,Liselotte,Lore,Ludwina,Madeleine,Maike,Mareike,Margarethe,Maria-Luise,Marie-Luise,Marika,\
                Marleen,Martina,Mechtild,Meta,Mina,Natalie,Nevenka,Oda
                """,
            surnames: """
                Müller,Schmidt,Schneider,Fischer,Weber,Meyer,Wagner,Becker,Schulz,Hoffmann,Schäfer,Koch,Bauer,Richter,\
                Klein,Wolf,Schröder,Neumann,Schwarz,Zimmermann,Braun,Krüger,Hofmann,Lange,Schmitt,Werner,Schmitz,\
                Meier,Lehmann,Schmid,Schulze,Maier,Ackermann,Adler,Albers,Atzler,Bähr,Barth,Baum,Beckmann,Beier,\
                Benthin,Beyer,Bien,Binner,Bloch,Bohlander,Boucsein,Bruder,Budig,Carsten,Christoph,Conradi,Davids,\
                Dietz,Döhn,Dörr,Eberhardt,Eberth,Ehlert,Etzler,Etzold,Fechner,Finke,Förster,Freudenberger,Fröhlich,\
                Gehringer,Geisler,Gerlach,Gierschner,Gotthard,Gude,Gumprich,Gutknecht,Haering,Häring,Hahn,Hartmann,\
                Heidrich,Heinrich,Heintze,Hellwig,Hendriks,Henschel,Hering,Herrmann,Hertrampf,Hesse,Hiller,Holsten,\
                Holt,Hövel,Hornich,Hübel,Jacob,Jähn,Jäkel,Jessel,Johann,Junck,Jungfer,Junk,Kabus,Kitzmann,Klemm,\
                Klingelhöfer,Knappe,Köhler,Köster,Kranz,Krause,Krebs,Kreusel,Kruschwitz,Kuhl,Kusch,Liebelt,Lindner,\
                Linke,Löffler,Lorch,Löwer,Mälzer,Margraf,Matthäi,Mende,Metz,Mielcarek,Mohaupt,Mosemann,Neuschäfer,\
                Niemeier,Otto,Pechel,Peukert,Pieper,Pohl,Preiß,Putz,Radisch,Reinhardt
                """),
        Row(
            "DNK", "Denmark",
            male: """
                Mads,Magnus,Emil,Frederik,Mikkel,Rasmus,Søren,Lars,Adam,Aksel,Alexander,Allan,Anders,Andreas,Arne,\
                August,Benny,Bertil,Birger,Bo,Bobby,Boris,Brian,Bøje,Carl,Carsten,Christian,Christopher,Clavs,Dan,\
                Danny,Dennis,Einer,Erik,Ernst,Finn,Frank,Freddy,Georg,Gert,Gunnar,Gustav,Helge,Henry,Herman,Holger,Ib,\
                Iver,Jacob,James,Jeppe,Jim,Joakim,Johannes,Johnnie,Jon,Jonathan,Jørgen,Karlo,Kaspar,Keld,Kenn,Kenny,\
                Kim,Klaus,Kristian,Kåre,Lasse,Laus,Leif,Lucas,Malthe,Marius,Martin,Matthias,Mikael,Morten,Nicklas,\
                Nicolaj,Nikolai,Nils,Ole,Oliver,Oskar,Otto,Palle,Paw,Per,Peter,Philip,Preben,Ragner,René,Richardt,\
                Robin,Ron,Ronnie,Ruben
                """,
            female: """
                Ida,Emma,Freja,Sofie,Mathilde,Caroline,Mette,Kirsten,Abelone,Agnete,Alma,Amanda,Ane,Anna,Annemette,\
                Asta,Benedicte,Bente,Berta,Bettina,Birgitte,Birthe,Bodil,Britta,Carina,Catrine,Charlotte,Connie,\
                Dagmar,Daniella,Ditte,Dorte,Edith,Elisabeth,Ellen,Else,Emily,Erna,Ester,Frederikke,Frida,Gertrud,\
                Grete,Gundhild,Gurli,Hannah,Helen,Henriette,Iben,Inga,Ingelise,Ingrid,Isabella,Jacqueline,Janni,\
                Jasmin,Joan,Jonna,Josephine,Justina,Karen,Karina,Karoline,Katja,Kirstine,Kristine,Lea,Lene,Line,Lona,\
                Lotte,Lærke,Maja,Malene,Maren,Maria,Marie,Merete,Michala,Mie,Mimi,Nadia,Nana,Natasha,Nete,Nina,Oda,\
                Odette,Olga,Patricia,Paulina,Pia,Ragnhild,Regitse,Rikke,Ritt,Rosa,Sabine,Sanne
                """,
            surnames: """
                Nielsen,Jensen,Hansen,Pedersen,Andersen,Christensen,Larsen,Sørensen,Rasmussen,Jørgensen,Petersen,\
                Madsen,Kristensen,Olsen,Christiansen,Thomsen,Poulsen,Johansen,Knudsen,Mortensen,Møller,Jacobsen,\
                Jakobsen,Olesen,Frederiksen,Mikkelsen,Henriksen,Laursen,Lund,Schmidt,Eriksen,Holm,Kristiansen,\
                Clausen,Simonsen,Svendsen,Andreasen,Iversen,Jeppesen,Mogensen,Jespersen,Nissen,Lauridsen,Frandsen,\
                Østergaard,Jepsen,Kjær,Carlsen,Vestergaard,Jessen,Nørgaard,Dahl,Christoffersen,Skov,Søndergaard,\
                Bertelsen,Bruun,Lassen,Bach,Gregersen,Friis,Johnsen,Steffensen,Kjeldsen,Bech,Krogh,Lauritsen,\
                Danielsen,Mathiesen,Andresen,Brandt,Winther,Toft,Ravn,Mathiasen,Dam,Holst,Nilsson,Lind,Berg,Schou,\
                Overgaard,Kristoffersen,Schultz,Klausen,Karlsen,Paulsen,Hermansen,Thorsen,Koch,Thygesen
                """),
        Row(
            "ESP", "Spain",
            male: """
                Hugo,Daniel,Pablo,Alejandro,Álvaro,Adrián,David,Javier,Antonio,Manuel,José,Aarón,Abraham,Aitor,Albino,\
                Alejo,Alonso,Amando,Américo,Andrés,Aristides,Arturo,Aureliano,Baltasar,Bautista,Bernabé,Blas,\
                Buenaventura,Candelario,Casemiro,Cecilio,César,Cirino,Clemente,Cornelio,Cristóbal,Cándido,Dimas,\
                Duilio,Eleuterio,Elpidio,Emilio,Eric,Eugenio,Eutropio,Fabián,Fausto,Félix,Fortunato,Fulgencio,Galo,\
                Gerardo,Gil,Gonzalo,Hernando,Horacio,Ibán,Inocencio,Isidro,Jacobo,Jesús,Joel,Jorge,José Carlos,Josué,\
                José Manuel,Juan,Juan Francisco,Juan Pablo,Julián,Leocadio,Leopoldo,Lope,Luis Miguel,Lázaro,Marcial,\
                Marcos,Martín,Mateo,Maximiano,Miguel,Moisés,Natanael,Norberto,Olegario,Ovidio,Pascual,Pedro,Plinio
                """,
            female: """
                Lucía,María,Paula,Sara,Carla,Claudia,Marta,Elena,Abigaíl,Adelaida,Adoración,Ainoa,Alma,Amalia,Amelia,\
                Ana,Anastasia,Angélica,Anselma,Araceli,Armida,Asunción,Azahar,Beatriz,Benigna,Berta,Brunilda,Calixta,\
                Candelas,Carlota,Carmina,Cayetana,Cintia,Clementina,Concha,Coral,Cruz,Dalila,Diana,Domitila,Dulce,\
                Elisa,Elvira,Emiliana,Encarnación,Esperanza,Esther,Eugenia,Eva María,Fabiana,Felicia,Felisa,Flavia,\
                Florentina,Francisca,Gema,Gisela,Graciela,Haydée,Ignacia,Inés,Isidora,Jennifer,Jimena,Josefina,Juana,\
                Juliana,Laura,Leonor,Ligia,Loida,Loreto,Macaria,Margarita,Maricela,Marisela,María Belén,María Dolores,\
                María Luisa,María Ángeles,Mayte,Mireia,Montserrat,Nadia,Nayara,Nicolasa,Noa,Nydia,Olga,Otilia,Paloma,\
                Patricia
                """,
            surnames: """
                García,Rodríguez,González,Fernández,López,Martínez,Sánchez,Pérez,Gómez,Martín,Jiménez,Ruiz,Abad,Abril,\
                Acuña,Aguilar,Agustí,Albero,Alcaraz,Alegría,Aliaga,Almeida,Amador,Amor,Andrés,Angulo,Aragón,Araujo,\
                Arenas,Armas,Aroca,Arroyo,Asensio,Ayuso,Baena,Baquero,Barco,Barrena,Barros,Bas,Bauzà,Becerra,Bello,\
                Benavente,Benítez,Bernad,Bilbao,Blasco,Bolaños,Borrell,Bravo,Burgos,Bárcena,Cabeza,Cadenas,Calleja,\
                Camino,Campoy,Cano,Carbajo,Carlos,Carranza,Carreño,Casado,Casares,Castell,Castillo,Cazorla,Cepeda,\
                Cervantes,Chaves,Cifuentes,Cobos,Collado,Company,Cordero,Correa,Crespí,Cuenca,Cuéllar,Céspedes,\
                Delgado,Domingo,Donoso,Durán,Echeverría,Enríquez,Escribano,España,Esteve,Expósito,Falcón,Ferrero,\
                Figueroa,Folch,Francisco,Fuentes,Galán,Gallego,Garay,Gargallo,Gascón,Gilabert,Giralt,Goicoechea,\
                Gonzalo,Granados,Guardia,Guillén,Guzmán,Hernando,Hervia,Hoyos,Huguet,Ibáñez,Iriarte,Jara,Juan,\
                Jáuregui,Landa,Lastra,Lerma,Lladó,Llobet,Lluch,Losa,Luján,Luz,Macías,Malo,Manuel,Marín,Martí,Mascaró,\
                Mateos,Maza,Méndez,Mercader,Millán,Moles,Monreal,Montero,Mora,Morcillo,Morán,Murcia,Márquez,Nadal,\
                Navas,Nicolás,Nogués,Ocaña,Oliver,Olmedo,Ortiz,Otero,Palacio,Palmer,Paniagua,Parra
                """),
    ]
}
