extension NationTable {
    /// Names of Estonia, Finland, France, United Kingdom.
    static let estToGbr: [Row] = [
        Row(
            "EST", "Estonia",
            male: """
                Rasmus,Markus,Kristjan,Martin,Siim,Taavi,Andres,Jaan,Aivar,Aleksander,Aleksandr,Aleksei,Alexander,\
                Andrei,Andrus,Ants,Artur,Dmitri,Igor,Indrek,Ivan,Jaanus,Jevgeni,Juri,Jüri,Maksim,Marek,Margus,Marko,\
                Mati,Meelis,Mihhail,Mihkel,Nikolai,Oleg,Pavel,Peeter,Priit,Raivo,Rein,Roman,Sander,Sergei,Tarmo,Tiit,\
                Toomas,Tõnu,Urmas,Valeri,Vello,Viktor,Vladimir
                """,
            female: """
                Laura,Anna,Liisa,Kristiina,Maarja,Kadri,Triin,Piret,Aino,Aleksandra,Anne,Anneli,Anu,Diana,Elena,Ene,\
                Eve,Galina,Irina,Jekaterina,Jelena,Julia,Katrin,Kristi,Kristina,Linda,Ljubov,Ljudmila,Maie,Malle,\
                Mare,Maria,Marika,Marina,Merike,Nadežda,Natalia,Natalja,Niina,Nina,Olga,Reet,Riina,Sirje,Svetlana,\
                Tamara,Tatiana,Tatjana,Tiina,Tiiu,Valentina,Viktoria,Ülle
                """,
            surnames: """
                Tamm,Saar,Sepp,Mägi,Kask,Kukk,Rebane,Ilves,Pärn,Koppel,Luik,Oja,Aas,Aasmäe,Abel,Adamson,Alas,\
                Alekseev/Alekseeva,Allik,Andreev/Andreeva,Anton,Arro,Arula,Aus,Belov/Belova,Bondarenko,\
                Bõstrov/Bõstrova,Davõdov/Davõdova,Drozdov/Drozdova,Eller,Erm,Fedorov/Fedorova,Filippov/Filippova,\
                Fomin/Fomina,Gavrilov/Gavrilova,Golubev/Golubeva,Grigoriev/Grigorieva,Gross,Hallik,Hanson,Heinsoo,\
                Hunt,Ignatjev/Ignatjeva,Jaakson,Jaanus,Jakovlev/Jakovleva,Jefimov/Jefimova,Jeršov/Jeršova,Juhanson,\
                Jänes,Järve,Jõgi,Jürgenson,Kaasik,Kala,Kalinin/Kalinina,Kaljurand,Kaljuvee,Kallaste,Kangro,Kapp,Karro,\
                Kasak,Kasemets,Kass,Kaur,Kelder,Kiil,Kiisk,Kikkas,Kink,Kirsipuu,Kisseljov/Kisseljova,Kivilo,Kivistik,\
                Klimov/Klimova,Kohv,Koitla,Kolesnik,Kondratjev/Kondratjeva,Konstantinov/Konstantinova,Kool,Kotkas,\
                Koval,Kriisa,Kruglov/Kruglova,Kulikov/Kulikova,Kurg,Kurvits,Kuus,Kuusk,Kuznetsov/Kuznetsova,Käsper,\
                Käärik,Laan,Laanemets,Laht,Laks,Laur,Lebedev/Lebedeva,Leht,Lehtmets,Lepik,Leppik,Liiv,Liivak,\
                Lillemets,Link,Loginov/Loginova,Lomp,Lukk,Lumiste,Lätt,Lõhmus,Madisson,Makarov/Makarova,\
                Malõšev/Malõševa,Mark,Martin,Maslov/Maslova,Medvedev/Medvedeva,Melnik,Mets,Mihhailov/Mihhailova,\
                Miller,Moor,Muru,Mäe,Mäesalu,Mändla,Männiste,Mölder,Müür,Nazarov/Nazarova,Nikiforov/Nikiforova,\
                Nikolaev/Nikolaeva,Nurk,Nõmm,Nõmmik,Ojala,Oks,Orav,Orlov/Orlova,Ots,Paal,Paju,Palm,Panov/Panova,\
                Pavlov/Pavlova,Petrov/Petrova,Pihelgas,Piho,Piirsalu,Poljakov/Poljakova,Popov/Popova,Pruul,Pulk,Pärna,\
                Pärtel,Põdra
                """),
        Row(
            "FIN", "Finland",
            male: """
                Juho,Eetu,Ville,Antti,Mikko,Jukka,Lauri,Olli,Juhani,Olavi,Antero,Tapani,Johannes,Tapio,Mikael,\
                Kalevi,Matti,Pekka,Petteri,Ilmari,Sakari,Matias,Juha,Heikki,Kristian,Timo,Kari,Markus,Jari,Kalervo,\
                Markku,Aleksi,Jaakko,Petri,Mika,Oskari,Erkki,Henrik,Veikko,Hannu,Seppo,Ensio,Ari,Janne,Pentti,\
                Valtteri,Marko,Tuomas,Sami,Eero,Martti,Erik,Jorma,Elias,Jani,Samuli,Jussi,Harri,Eemeli,Risto,Teemu,\
                Raimo,Onni,Veli,Pertti,Jarmo,Eino,Esa,Esko,Pasi,Jouni,Arto,Samuel,Jouko,Vesa,Reijo,Niko,Kalle,\
                Joonas,Paavo,Toni,Toivo,Armas,Viljami,Johan,Santeri,Kimmo,Emil,Tomi,Leo,Henri,Joni,Tommi,Tero,Väinö,\
                Pauli,Ilkka,Oliver,Daniel,Otto
                """,
            female: """
                Aino,Emilia,Sofia,Helmi,Anni,Johanna,Hanna,Satu,Maria,Helena,Anneli,Kaarina,Marjatta,Hannele,\
                Kristiina,Liisa,Elina,Annikki,Tuulikki,Maarit,Susanna,Leena,Katariina,Anna,Marja,Sinikka,Inkeri,\
                Riitta,Kyllikki,Tuula,Anne,Päivi,Orvokki,Ritva,Tellervo,Maija,Pirjo,Karoliina,Pauliina,Minna,Sari,\
                Irmeli,Eeva,Tiina,Laura,Elisabet,Marika,Pirkko,Eveliina,Tarja,Anja,Mari,Seija,Eila,Marita,Heidi,\
                Sirpa,Raija,Annika,Irene,Sisko,Jaana,Anita,Sanna,Eija,Kirsi,Ilona,Marianne,Julia,Merja,Katriina,\
                Amanda,Ulla,Arja,Sirkka,Paula,Kaisa,Marketta,Terttu,Marjaana,Tuulia,Elisabeth,Matilda,Elisa,Linnea,\
                Jenni,Olivia,Katja,Hilkka,Mirjami,Heli,Aurora,Iida,Kirsti,Raili,Emma,Mirja,Nina,Katri,Anniina
                """,
            surnames: """
                Korhonen,Virtanen,Mäkinen,Nieminen,Mäkelä,Hämäläinen,Laine,Heikkinen,Koskinen,Järvinen,Lehtonen,\
                Saarinen,Lehtinen,Salminen,Heinonen,Niemi,Heikkilä,Kinnunen,Salonen,Turunen,Salo,Laitinen,Tuominen,\
                Rantanen,Karjalainen,Jokinen,Mattila,Savolainen,Lahtinen,Ahonen,Ojala,Leppänen,Väisänen,Leinonen,\
                Hiltunen,Miettinen,Kallio,Pitkänen,Aaltonen,Manninen,Anttila,Hakala,Koivisto,Laaksonen,Räsänen,\
                Hirvonen,Lehto,Laakso,Toivonen,Rantala,Mustonen,Aalto,Nurmi,Peltonen,Moilanen,Niemelä,Seppälä,\
                Pulkkinen,Hänninen,Lappalainen,Partanen,Kettunen,Saari,Kauppinen,Kemppainen,Koskela,Seppänen,Lahti,\
                Salmi,Ahola,Huttunen,Suominen,Ikonen,Aho,Kärkkäinen,Pesonen,Halonen,Mikkonen,Nyman,Johansson,\
                Koponen,Peltola,Oksanen,Lindholm,Vainio,Niskanen,Heiskanen,Mikkola,Immonen,Koski,Honkanen,Nurminen,\
                Vuorinen,Harju,Kokkonen,Rissanen,Määttä,Karppinen,Mäki,Laukkanen,Rajala,Heino,Juntunen,Rautiainen,\
                Jääskeläinen,Parviainen,Kangas,Keränen,Hartikainen,Paananen,Leino,Karlsson,Mäenpää,Martikainen,\
                Lindström,Ruotsalainen,Hakkarainen,Hyvärinen,Uusitalo,Laurila,Kokko,Toivanen,Tikkanen,Viitanen,\
                Nevalainen,Leskinen,Salmela,Nykänen,Makkonen,Häkkinen,Holopainen,Kuusisto,Tamminen,Eriksson,\
                Andersson,Hietala,Härkönen,Korpela,Ranta,Kukkonen,Hyvönen,Jaakkola,Karvonen,Pasanen,Jokela,Karhu,\
                Tiainen,Väänänen,Kosonen,Saarela,Sillanpää,Malinen,Kujala,Rautio,Virta,Lindroos,Timonen,Autio,\
                Lindqvist,Valtonen
                """),
        Row(
            "FRA", "France",
            male: """
                Gabriel,Louis,Raphaël,Jules,Adam,Lucas,Hugo,Antoine,Adrien,Aimé,Alain,Alexandre,Alfred,Alphonse,\
                André,Arthur,Auguste,Augustin,Benjamin,Benoît,Bernard,Bertrand,Charles,Christophe,Daniel,David,\
                Denis,Édouard,Émile,Emmanuel,Éric,Étienne,Eugène,François,Franck,Frédéric,Georges,Gérard,Gilbert,\
                Gilles,Grégoire,Guillaume,Guy,William,Henri,Honoré,Hugues,Isaac,Jacques,Jean,Jérôme,Joseph,Julien,\
                Laurent,Léon,Luc,Marc,Marcel,Martin,Matthieu,Maurice,Michel,Nicolas,Noël,Olivier,Patrick,Paul,\
                Philippe,Pierre,Raymond,Rémy,René,Richard,Robert,Roger,Roland,Sébastien,Stéphane,Théodore,Théophile,\
                Thibaut,Thibault,Thierry,Thomas,Timothée,Tristan,Victor,Vincent,Xavier,Yves,Zacharie
                """,
            female: """
                Emma,Louise,Jade,Alice,Chloé,Léa,Manon,Camille,Adélaïde,Adèle,Adrienne,Agathe,Agnès,Aimée,Alix,Anaïs,\
                Anastasie,Andrée,Anne,Anouk,Antoinette,Arnaude,Astrid,Audrey,Aurélie,Aurore,Brigitte,Capucine,\
                Caroline,Catherine,Cécile,Céline,Célina,Chantal,Charlotte,Christelle,Christiane,Claire,Claudine,\
                Clémence,Colette,Constance,Corinne,Danielle,Denise,Diane,Dorothée,Édith,Élisabeth,Élise,Élodie,Émilie,\
                Emmanuelle,Françoise,Frédérique,Gabrielle,Geneviève,Hélène,Henriette,Inès,Isabelle,Jacqueline,Jeanne,\
                Jeannine,Joséphine,Josette,Julie,Juliette,Laetitia,Laure,Lorraine,Luce,Lucie,Madeleine,Marcelle,\
                Margaux,Margot,Marianne,Marie,Marine,Marthe,Martine,Maryse,Mathilde,Michèle,Michelle,Monique,Nathalie,\
                Nicole,Noémi,Océane,Odette
                """,
            surnames: """
                Martin,Bernard,Thomas,Petit,Robert,Richard,Durand,Dubois,Moreau,Laurent,Simon,Lefebvre,Garcia,Michel,\
                Leroy,Martinez,David,Fontaine,Da Silva,Morel,Fournier,Dupont,Bertrand,Lambert,Rousseau,Girard,Roux,\
                Vincent,Lefèvre,Boyer,Lopez,Bonnet,André,François,Mercier,Muller,Guérin,Legrand,Sanchez,Garnier,\
                Chevalier,Faure,Perez,Clément,Fernandez,Blanc,Robin,Morin,Gauthier,Pereira,Perrin,Roussel,Henry,Duval,\
                Gautier,Nicolas,Masson,Marie,Noël,Ferreira,Lemaire,Mathieu,Rivière,Denis,Marchand,Rodriguez,Dumont,\
                Payet,Lucas,Dufour,Dos Santos,Joly,Blanchard,Meunier,Rodrigues,Caron,Gérard,Fernandes,Brunet,Meyer,\
                Barbier,Leroux,Renard,Gonçalves,Gaillard,Brun,Roy,Picard,Giraud,Roger,Schmitt,Colin,Arnaud,Vidal,\
                Gonzalez,Lemoine,Roche,Aubert,Olivier,Leclercq,Pierre,Philippe,Bourgeois,Renaud,Martins,Leclerc,\
                Guillaume,Lacroix,Lecomte,Benoit,Fabre,Carpentier,Vasseur,Louis,Hubert,Jean,Dumas,Rolland,Grondin,Rey,\
                Huet,Gomez,Dupuis,Guillot,Berger,Moulin,Hoarau,Ménard,Deschamps,Fleury,Adam,Boucher,Poirier,Bertin,\
                Charles,Aubry,Da Costa,Royer,Dupuy,Maillard,Paris,Baron,Lopes,Guyot,Carré,Jacquet,Renault,Hervé,\
                Charpentier,Klein,Cousin,Collet,Léger,Ribeiro,Hernandez,Bailly,Schneider,Le Gall,Ruiz,Langlois
                """),
        Row(
            "GBR", "United Kingdom",
            male: """
                Oliver,George,Harry,Jack,Thomas,James,William,Daniel,David,Paul,John,Stephen,Michael,Peter,Richard,\
                Robert,Ryan,Alan,Ian,Luke,Samuel,Anthony,Adam,Alexander,Darren,Benjamin,Gary,Joseph,Steven,Liam,\
                Martin,Jason,Jake,Graham,Craig,Colin,Neil,Nigel,Stuart,Kenneth,Jamie,Nathan,Connor,Terence,Adrian,\
                Scott,Callum,Aaron,Barry,Bradley,Patrick,Jacob,Sean,Derek,Carl,Charles,Sam,Ben,Roger,Leslie,Ronald,\
                Clive,Antony,Jeremy,Jeffrey,Christian,Karl,Alex,Dominic,Joe,Reece,Dennis,Gavin,Rhys,Allan,Robin,\
                Gerald,Ross,Eric,Julian,Dale,Donald,Frank,Shane,Norman,Duncan,Frederick,Tony,Conor,Douglas,Elliot,\
                Marcus,Vincent,Mathew,Abdul,Martyn,Ricky,Lawrence,Glen,Gerard
                """,
            female: """
                Olivia,Amelia,Emily,Grace,Charlotte,Sophie,Lucy,Megan,Susan,Sarah,Linda,Julie,Laura,Lauren,Karen,\
                Nicola,Jessica,Margaret,Emma,Deborah,Lisa,Patricia,Tracey,Carol,Michelle,Victoria,Elizabeth,Helen,\
                Mary,Rachel,Anne,Ann,Tracy,Jennifer,Chloe,Louise,Barbara,Sandra,Caroline,Kelly,Bethany,Natalie,Jade,\
                Elaine,Lesley,Catherine,Pamela,Danielle,Wendy,Abigail,Jean,Donna,Stephanie,Kathleen,Natasha,Sally,\
                Katherine,Maureen,Maria,Judith,Kerry,Melanie,Eleanor,Paula,Sheila,Joanna,Janice,Lorraine,Lynn,\
                Andrea,Nicole,Yvonne,Lynne,Anna,Shirley,Alexandra,Beverley,Melissa,Kimberley,Carole,Kate,Joan,Jenna,\
                Marilyn,June,Rachael,Lynda,Kathryn,Molly,Amber,Marian,Brenda,Kayleigh,Teresa,Julia,Ashleigh,Kim,\
                Ruth,Carly,Leah
                """,
            surnames: """
                Smith,Jones,Taylor,Brown,Williams,Wilson,Johnson,Davies,Robinson,Wright,Thompson,Evans,Thomas,Roberts,\
                White,Edwards,Walker,Hughes,Green,Harris,Hall,Lewis,Clarke,Patel,Jackson,Wood,Martin,Turner,Cooper,\
                Hill,Ward,Moore,Morris,Clark,King,Harrison,Lee,Baker,Allen,James,Morgan,Phillips,Scott,Parker,Price,\
                Davis,Watson,Griffiths,Kelly,Mitchell,Young,Bennett,Bailey,Collins,Cook,Richardson,Carter,Shaw,Bell,\
                Khan,Murphy,Richards,Marshall,Cox,Miller,Wilkinson,Anderson,Foster,Adams,Ellis,Singh,Simpson,Webb,\
                Chapman,Rogers,Ali,Powell,Mason,Gray,Hunt,Lloyd,Barnes,Hussain,Mills,Owen,Palmer,Matthews,Knight,\
                Butler,Holmes,Campbell,Harvey,Stevens,Dixon,Ahmed,Fletcher,Fisher,Jenkins,Graham,Russell,Pearson,\
                Barker,Murray,Payne,Day,Howard,Ford,Gibson,Walsh,Saunders,Reynolds,Pearce,Fox,Brooks,Elliott,West,\
                Lawrence,Andrews,Stewart,Spencer,O'Brien,Ryan,Rose,Burton,Dawson,Booth,Cole,Atkinson,Gill,Bradley,\
                Perry,Watts,Ball,Holland,Rees,Francis,Hayes,Barrett,Robertson,Webster,Newton,Stone,Parsons,Oliver,\
                Lowe,Dunn,Armstrong,Grant,Woods,Hart,Berry,Riley,Hunter,Newman,Reid,Reed,Marsh,Porter
                """),
    ]
}
